package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.testing.Await;
import dev.portcullis.testing.CapturedLogs;
import dev.portcullis.testing.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A balancer in front: it must say whom it speaks for; nobody else may. */
class ProxyProtocolTest {
    private static final String BALANCER = "trusted-balancers: [127.0.0.1]\n";
    private static final String HEADER = "PROXY TCP4 198.51.100.7 203.0.113.1 4711 443\r\n";

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "TCP4 198.51.100.7 203.0.113.1, 198.51.100.7, 198.51.100.7:4711",
        "TCP6 2001:DB8:0:0:1:0:0:7 2001:db8::1, 2001:db8::1:0:0:7, [2001:db8::1:0:0:7]:4711",
        "TCP6 2001:db8:0:1:1:1:1:1 2001:db8::1, 2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]:4711"
    })
    void namedClient_isWhoTheGatewayAndTheAuditHearOf(String said, String client, String remote)
            throws IOException {
        try (var door = TestDoor.open(folder, BALANCER)) {
            var header = "PROXY " + said + " 4711 443\r\n";
            assertThat(exchange(door, header, get(door))).startsWith("HTTP/1.1 200 ");
            assertThat(door.gateway().heads())
                    .singleElement()
                    .asString()
                    .contains("x-forwarded-for: " + client + "\r\n");
        }
        assertThat(Files.readString(folder.resolve("audit/audit.jsonl")))
                .contains("\"remote\":\"" + remote + "\"");
    }

    @Test
    void healthCheckOfTheBalancer_isItsOwnConnection() {
        try (var door = TestDoor.open(folder, BALANCER)) {
            assertThat(exchange(door, "PROXY UNKNOWN\r\n", get(door))).startsWith("HTTP/1.1 200 ");
            assertThat(door.gateway().heads().getFirst()).contains("x-forwarded-for: 192.0.2.1");
        }
    }

    @Test
    void headerInManyPieces_isRead() throws Exception {
        try (var door = TestDoor.open(folder, BALANCER);
                var plain =
                        new Socket(
                                InetAddress.ofLiteral("127.0.0.1"),
                                door.portcullis().address().getPort())) {
            plain.setTcpNoDelay(true);
            for (byte octet : HEADER.getBytes(StandardCharsets.US_ASCII)) {
                plain.getOutputStream().write(octet);
            }
            try (var client = new RawClient(plain, TestDoor.HOST)) {
                assertThat(client.send(get(door)).readToEnd()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PROXY TCP4"})
    void healthCheckThatEndsInAReset_isNoNews(String first) throws Exception {
        try (var door = TestDoor.open(folder, BALANCER);
                var logs = CapturedLogs.start()) {
            try (var check = new Socket()) {
                check.setSoLinger(true, 0);
                check.connect(door.portcullis().address());
                check.getOutputStream().write(first.getBytes(StandardCharsets.US_ASCII));
                Await.until("its connection", () -> isOpen(door));
            }
            Await.until("its end", () -> !isOpen(door));
            assertThat(logs.lines())
                    .filteredOn(line -> !line.contains("identity provider"))
                    .noneMatch(line -> line.contains("\"level\":\"WARN\""));
        }
    }

    private static boolean isOpen(TestDoor door) {
        return !door.portcullis().meters().scrape().contains("portcullis_connections_open 0.0");
    }

    @Test
    void limitsPerAddress_countTheNamedClient() {
        var limits = "limits: { connections-per-address: 1 }\n";
        try (var door = TestDoor.open(folder, BALANCER + limits);
                var _ = connect(door, HEADER)) {
            assertThatThrownBy(() -> connect(door, HEADER).close())
                    .isInstanceOf(UncheckedIOException.class);
            assertThat(exchange(door, HEADER.replace("100.7", "100.8"), get(door)))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 a b 1 2\r\n"})
    void balancerWithoutAHeader_isClosedWithoutAnAnswer(String first) {
        try (var door = TestDoor.open(folder, BALANCER)) {
            assertThatThrownBy(() -> connect(door, first).close())
                    .isInstanceOf(UncheckedIOException.class);
            assertThat(door.gateway().bytes()).isEmpty();
        }
    }

    @Test
    void balancerThatSaysNothing_isClosedInTime() throws IOException {
        var limits = "limits: { handshake-time: 200ms }\n";
        try (var door = TestDoor.open(folder, BALANCER + limits);
                var plain =
                        new Socket(
                                InetAddress.ofLiteral("127.0.0.1"),
                                door.portcullis().address().getPort())) {
            plain.getOutputStream().write("PROXY TCP4 ".getBytes(StandardCharsets.US_ASCII));
            assertThat(plain.getInputStream().read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "trusted-balancers: [10.0.0.0/8]\n"})
    void headerFromAnybodyElse_isClosedWithoutAnAnswer(String balancers) throws IOException {
        try (var door = TestDoor.open(folder, balancers);
                var plain =
                        new Socket(
                                InetAddress.ofLiteral("127.0.0.1"),
                                door.portcullis().address().getPort())) {
            plain.getOutputStream().write(HEADER.getBytes(StandardCharsets.US_ASCII));
            assertThat(plain.getInputStream().readAllBytes()).isEmpty();
        }
    }

    private static RawClient connect(TestDoor door, String header) {
        try {
            var plain =
                    new Socket(
                            InetAddress.ofLiteral("127.0.0.1"),
                            door.portcullis().address().getPort());
            plain.getOutputStream().write(header.getBytes(StandardCharsets.ISO_8859_1));
            return new RawClient(plain, TestDoor.HOST);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String exchange(TestDoor door, String header, String request) {
        try (var client = connect(door, header)) {
            return client.send(request).readToEnd();
        }
    }

    private static String get(TestDoor door) {
        return "GET /api HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\nCookie: "
                + door.signIn("alice@example.com")
                + "\r\n\r\n";
    }
}
