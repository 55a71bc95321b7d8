package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What takes the door out of a balancer, and what does not. Nobody answers at the issuers here. */
class ReadinessTest {
    private static final String ISSUER =
            "tokens: [{ issuer: 'http://127.0.0.1:9/other', insecure-http-issuer: true,"
                    + " audience: api }]\n";

    @TempDir Path folder;

    @Test
    void aProviderNeverReached_isNoReasonToShutOutWhoIsSignedIn() throws Exception {
        try (var door = TestDoor.open(folder, "")) {
            assertThat(ready(door).body())
                    .contains("{\"name\":\"identity-provider\",\"ready\":false,");
            assertThat(ready(door).statusCode()).isEqualTo(503);
            door.signIn("alice@example.com");
            assertThat(ready(door).body())
                    .contains("{\"name\":\"identity-provider\",\"ready\":true,\"detail\":");
            assertThat(ready(door).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aTokenIssuerNeverReached_isNoReasonToShutOutAnybodyElse() throws Exception {
        try (var door = TestDoor.open(folder, ISSUER)) {
            door.signIn("alice@example.com");
            assertThat(ready(door).body())
                    .contains("{\"name\":\"token-issuers\",\"ready\":true,\"detail\":");
            assertThat(ready(door).statusCode()).isEqualTo(200);
        }
    }

    private static HttpResponse<String> ready(TestDoor door)
            throws IOException, InterruptedException {
        var admin = door.portcullis().adminAddress();
        try (var client = HttpClient.newHttpClient()) {
            var uri = URI.create("http://127.0.0.1:" + admin.getPort() + "/ready");
            return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        }
    }
}
