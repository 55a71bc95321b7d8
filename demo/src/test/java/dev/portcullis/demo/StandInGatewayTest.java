package dev.portcullis.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandInGatewayTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private StandInGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = StandInGateway.start(0);
    }

    @AfterEach
    void stop() {
        gateway.close();
        client.shutdownNow(); // close() would wait for a WebSocket that nobody closes any more.
    }

    @Test
    void page_showsWhatArrived_asText() throws Exception {
        var page =
                client.send(
                        HttpRequest.newBuilder(at("http", "/chat"))
                                .header("X-Sidecar-User", "<b>alice</b>")
                                .build(),
                        BodyHandlers.ofString());

        assertThat(page.body())
                .contains("&lt;b&gt;alice&lt;/b&gt;")
                .contains("/chat")
                .doesNotContain("<b>alice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/healthz", "/readyz", "/control-ui-config.json"})
    void probes_areJson(String path) throws Exception {
        var answer =
                client.send(
                        HttpRequest.newBuilder(at("http", path)).build(), BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 126, 70_000})
    void message_comesBack(int length) throws Exception {
        var received = new CompletableFuture<String>();
        var socket = client.newWebSocketBuilder().buildAsync(at("ws", "/"), new Collect(received));

        socket.get(10, TimeUnit.SECONDS).sendText("x".repeat(length), true);

        assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo("x".repeat(length));
    }

    @Test
    void postedBody_leavesTheConnectionUsable() throws Exception {
        var request =
                HttpRequest.newBuilder(at("http", "/"))
                        .POST(HttpRequest.BodyPublishers.ofString("x".repeat(10_000)))
                        .build();

        assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
        assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }

    @Test
    void endlessHead_endsTheConnection() throws Exception {
        try (var socket = new Socket(gateway.address().getAddress(), gateway.address().getPort())) {
            socket.getOutputStream()
                    .write("x".repeat(16 * 1024).getBytes(StandardCharsets.US_ASCII));

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void closed_listensNoMore() {
        gateway.close();

        assertThatThrownBy(() ->
                        client.send(
                                HttpRequest.newBuilder(at("http", "/")).build(),
                                BodyHandlers.discarding()))
                .isInstanceOf(IOException.class);
    }

    private URI at(String scheme, String path) {
        return URI.create(scheme + "://127.0.0.1:" + gateway.address().getPort() + path);
    }

    private static final class Collect implements WebSocket.Listener {
        private final CompletableFuture<String> received;
        private final StringBuilder text = new StringBuilder();

        Collect(CompletableFuture<String> received) {
            this.received = received;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                received.complete(text.toString());
            }
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }
    }
}
