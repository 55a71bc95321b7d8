package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request's way through the whole door, as bytes at both ends. */
class DoorTest {
    @TempDir static Path folder;
    private static TestDoor door;
    private static String alice;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder);
        alice = door.signIn("alice@example.com");
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @BeforeEach
    void startOver() {
        door.gateway().startOver();
    }

    @Test
    void noCredentials_navigationIsSentToSignIn() {
        var answer =
                door.exchange(
                        "GET /chat HTTP/1.1\r\nHost: claw.test\r\nAccept: text/html\r\n"
                                + "Connection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 302 ");
        assertThat(answer).contains("location: /_portcullis/sign-in?return=%2Fchat\r\n");
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void noCredentials_fetchGets401() {
        var answer =
                door.exchange("GET /api HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 401 ");
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void badToken_isCalledInvalidAndNothingMore() {
        var answer =
                door.exchange(
                        "GET /api HTTP/1.1\r\nHost: claw.test\r\nAuthorization: Bearer x\r\n"
                                + "Connection: close\r\n\r\n");
        assertThat(answer)
                .startsWith("HTTP/1.1 401 ")
                .contains(
                        "www-authenticate: Bearer realm=\"portcullis\", error=\"invalid_token\"\r\n");
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void signedIn_headIsWrittenAnew() {
        var answer =
                door.exchange(
                        "GET /api?a=b HTTP/1.1\r\nHost: claw.test\r\nAccept: */*\r\nCookie: a=1; "
                                + alice
                                + "\r\nX-Forwarded-User: root\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nok");
        assertThat(door.gateway().heads())
                .containsExactly(
                        """
                        GET /api?a=b HTTP/1.1
                        host: claw.test
                        x-forwarded-proto: https
                        x-forwarded-host: claw.test
                        accept: */*
                        cookie: a=1
                        x-forwarded-for: 192.0.2.1
                        %s: alice@example.com
                        x-openclaw-scopes: %s

                        """
                                .formatted(
                                        TestDoor.USER_HEADER,
                                        "operator.read,operator.write,operator.talk,"
                                                + "operator.questions,operator.approvals")
                                .replace("\n", "\r\n"));
    }

    @Test
    void rateLimited_saysOnceWhenToComeBack(@TempDir Path own) {
        var limit = "rate-limits: { address: { rate: 1/s, burst: 1 } }\n";
        try (var slow = TestDoor.open(own, limit)) {
            var request =
                    "GET /_portcullis/me HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\n\r\n";
            slow.exchange(request);
            assertThat(slow.exchange(request))
                    .startsWith("HTTP/1.1 429 ")
                    .containsOnlyOnce("retry-after: ")
                    .contains("ratelimit: \"address\";r=0;t=");
        }
    }

    @Test
    void rateLimitedOnOurOwnRoutes_paysWithANewConnection(@TempDir Path own) {
        var limit = "rate-limits: { address: { rate: 1/s, burst: 1 } }\n";
        try (var slow = TestDoor.open(own, limit);
                var client = slow.connect()) {
            var request = "GET /_portcullis/me HTTP/1.1\r\nHost: claw.test\r\n\r\n";
            assertThat(client.send(request).readAnswer()).doesNotContain("connection: close");
            assertThat(client.send(request).readToEnd())
                    .startsWith("HTTP/1.1 429 ")
                    .contains("connection: close\r\n");
        }
    }

    @Test
    void gatewayThatClearsSiteData_signsNobodyOut(@TempDir Path own) {
        try (var other = TestDoor.open(own)) {
            other.gateway()
                    .answers((_, gateway) -> {
                        RecordedGateway.send(
                                gateway,
                                "HTTP/1.1 200 OK\r\nClear-Site-Data: \"cookies\"\r\n"
                                        + "Content-Length: 0\r\n\r\n");
                        return true;
                    });
            var answer =
                    other.exchange(
                            "GET / HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                                    + other.signIn("alice@example.com")
                                    + "\r\nConnection: close\r\n\r\n");
            assertThat(answer).startsWith("HTTP/1.1 200 ").doesNotContainIgnoringCase("clear-site");
        }
    }

    @Test
    void cookieAloneIsNoReasonToChangeAnything_gets403AndNothingGoesOn() {
        door.gateway().forget();
        var answer =
                door.exchange(
                        "POST /api HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                                + alice
                                + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 403 ");
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void refusedThoughProven_isWrittenDownWithWhatProvedIt(@TempDir Path own) throws IOException {
        try (var other = TestDoor.open(own)) {
            var cookie = other.signIn("alice@example.com");
            other.exchange(
                    "POST /api HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                            + cookie
                            + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        var lines = Files.readAllLines(own.resolve("audit/audit.jsonl"));
        assertThat(lines)
                .filteredOn(line -> line.contains("\"verdict\":\"deny\""))
                .singleElement()
                .asString()
                .contains("\"user\":\"alice@example.com\",\"means\":\"session\",\"handle\":\"");
    }

    @Test
    void chunkedBody_isChunkedAnew() {
        var answer =
                door.exchange(
                        "POST /api HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                                + alice
                                + "\r\nOrigin: https://claw.test\r\nTransfer-Encoding: chunked\r\n"
                                + "Connection: close\r\n\r\n"
                                + "5\r\nhello\r\n0\r\nX-Forwarded-User: root\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(door.gateway().bytes()).endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    }

    @Test
    void keepAlive_secondRequestUsesTheSameConnections() {
        int before = door.gateway().connections();
        try (var client = door.connect()) {
            for (int i = 0; i < 3; i++) {
                client.send(
                        "GET /"
                                + i
                                + " HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                                + alice
                                + "\r\n\r\n");
                assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("ok");
            }
        }
        assertThat(door.gateway().heads()).hasSize(3);
        assertThat(door.gateway().connections() - before).isLessThanOrEqualTo(1);
    }
}
