package dev.portcullis.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.admin.HealthCheck.Health;
import dev.portcullis.testing.CapturedLogs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class AdminListenerTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final AtomicReference<Health> provider = new AtomicReference<>(Health.UP);
    private AdminListener listener;

    @BeforeEach
    void start() throws IOException {
        listener =
                AdminListener.start(
                        new InetSocketAddress(LOOPBACK, 0),
                        List.of(
                                new HealthCheck("gateway", () -> Health.UP),
                                new HealthCheck("identity-provider", provider::get)),
                        () -> "portcullis_up 1\n");
    }

    @AfterEach
    void stop() {
        listener.close();
    }

    @Test
    void live_is200() throws IOException {
        assertThat(get("/live")).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nlive\n");
    }

    @Test
    void everythingWorks_isReady() throws IOException {
        assertThat(get("/ready"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .endsWith(
                        "{\"ready\":true,\"components\":[{\"name\":\"gateway\",\"ready\":true},"
                                + "{\"name\":\"identity-provider\",\"ready\":true}]}\n");
    }

    @Test
    void oneComponentDown_is503AndNamed() throws IOException {
        provider.set(new Health.Down("https://login.example.com: no answer within 3 s"));
        assertThat(get("/ready"))
                .startsWith("HTTP/1.1 503 ")
                .contains("{\"ready\":false,")
                .endsWith(
                        "{\"name\":\"identity-provider\",\"ready\":false,"
                                + "\"detail\":\"https://login.example.com: no answer within 3 s\"}]}\n");
    }

    @Test
    void checkThatFails_isDownAndNotAnError() throws IOException {
        provider.set(null);
        try (var broken = withBrokenCheck();
                var logs = CapturedLogs.start()) {
            var request = "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n";
            assertThat(exchange(broken.address(), request))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("could not be asked")
                    .doesNotContain("canary");
            assertThat(logs.lines()).anyMatch(line -> line.contains("\"component\":\"broken\""));
        }
    }

    @Test
    void metrics_areThePrometheusText() throws IOException {
        assertThat(get("/metrics"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n")
                .endsWith("\r\n\r\nportcullis_up 1\n");
    }

    @Test
    void head_hasTheLengthAndNoBody() throws IOException {
        assertThat(exchange("HEAD /live HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-length: 5\r\n")
                .endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "localhost:9180", "LOCALHOST", "127.0.0.1:9180", "[::1]:9180"})
    void hostThatIsLoopback_isAnswered(String host) throws IOException {
        assertThat(exchange("GET /live HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:9180",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "127.0.0.1@evil.example",
                "0.0.0.0",
                "192.0.2.1",
                "[::]",
                ""
            })
    void nameThatWasPointedHere_is421(String host) throws IOException {
        assertThat(exchange("GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                .startsWith("HTTP/1.1 421 ")
                .doesNotContain("portcullis_up");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /metrics HTTP/1.1\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost localhost\r\n\r\n",
                "\u0016\u0003\u0001\u0002\r\n\r\n"
            })
    void noSingleHostOrNoRequest_is400(String request) throws IOException {
        assertThat(exchange(request)).startsWith("HTTP/1.1 400 ").doesNotContain("portcullis_up");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"})
    void otherMethods_are405(String method) throws IOException {
        assertThat(
                        exchange(
                                method
                                        + " /live HTTP/1.1\r\nHost: localhost\r\n"
                                        + "Content-Length: 0\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ")
                .contains("allow: GET, HEAD\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/live/", "/LIVE", "/live?x", "//live", "/%6cive", "*"})
    void otherTargets_are404(String target) throws IOException {
        assertThat(get(target)).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void secondRequestOnAConnection_isNotAnswered() throws IOException {
        var twice = "GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2);
        assertThat(exchange(twice)).containsOnlyOnce("HTTP/1.1 200 ");
    }

    @Test
    void longHead_isRefused() throws IOException {
        var request =
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(5000) + "\r\n\r\n";
        assertThat(exchange(request)).startsWith("HTTP/1.1 400 ").doesNotContain("portcullis_up");
    }

    @Test
    void portTaken_isNamed() {
        assertThatThrownBy(() -> AdminListener.start(listener.address(), List.of(), () -> ""))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "admin.listen: cannot bind 127.0.0.1:" + listener.address().getPort());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "192.0.2.1", "::"})
    void addressThatIsNotLoopback_isRefused(String address) {
        var anywhere = new InetSocketAddress(InetAddress.ofLiteral(address), 0);
        assertThatThrownBy(() -> AdminListener.start(anywhere, List.of(), () -> ""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected: a loopback literal");
    }

    private static AdminListener withBrokenCheck() throws IOException {
        var broken =
                new HealthCheck(
                        "broken",
                        () -> {
                            throw new IllegalStateException("canary");
                        });
        return AdminListener.start(new InetSocketAddress(LOOPBACK, 0), List.of(broken), () -> "");
    }

    private String get(String target) throws IOException {
        return exchange("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    private String exchange(String request) throws IOException {
        return exchange(listener.address(), request);
    }

    private static String exchange(InetSocketAddress address, String request) throws IOException {
        try (var socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
