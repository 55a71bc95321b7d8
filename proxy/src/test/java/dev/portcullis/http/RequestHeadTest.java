package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestHeadTest {
    @Test
    void openSocket_keepsWhatItIsJudgedByAndNoCredentials() {
        var asked =
                new RequestHead(
                        RequestHead.Protocol.HTTP_1_1,
                        Method.GET,
                        new Target("/desktop/observe", "ticket=secret"),
                        "claw.example.com",
                        Fields.of(
                                "cookie", "__Host-portcullis=secret",
                                "origin", "https://claw.example.com",
                                "authorization", "Bearer secret",
                                "sec-fetch-site", "same-origin",
                                "user-agent", "any"),
                        0,
                        false,
                        new WebSocketRequest("dGhlIHNhbXBsZSBub25jZQ==", "secret"),
                        false);
        var kept = asked.ofOpenSocket();
        assertThat(kept.isWebSocket()).isTrue();
        assertThat(kept.target()).isEqualTo(new Target("/desktop/observe", null));
        assertThat(kept.fields().toString()).isEqualTo("[origin, sec-fetch-site]");
        assertThat(kept.fields().first("origin")).isEqualTo("https://claw.example.com");
        assertThat(kept.webSocket()).isEqualTo(new WebSocketRequest(null, null));
    }

    @Test
    void openSocketsThatAreJudgedAlike_areEqual() {
        assertThat(openSocket("ticket=one", "https://claw.example.com"))
                .isEqualTo(openSocket("ticket=two", "https://claw.example.com"))
                .hasSameHashCodeAs(openSocket("ticket=two", "https://claw.example.com"))
                .isNotEqualTo(openSocket("ticket=one", "https://other.example.com"));
    }

    private static RequestHead openSocket(String query, String origin) {
        return new RequestHead(
                        RequestHead.Protocol.HTTP_1_1,
                        Method.GET,
                        new Target("/", query),
                        "claw.example.com",
                        Fields.of("origin", origin, "cookie", query),
                        0,
                        false,
                        new WebSocketRequest(query, null),
                        false)
                .ofOpenSocket();
    }
}
