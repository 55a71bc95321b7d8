package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.WebSocketHandshake;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.testing.Await;
import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A WebSocket through the door: how it opens, what travels, and how it ends. */
class WebSocketTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String RIGHT = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY;
    private static final String ORIGIN = "Origin: https://claw.test\r\n";

    @TempDir static Path folder;
    private static TestDoor door;
    private static String alice;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder);
        alice = "Cookie: " + door.signIn("alice@example.com") + "\r\n";
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @BeforeEach
    void startOver() {
        door.gateway().startOver();
        door.gateway().answers(WebSocketTest::switchAndEcho);
    }

    // --- opening -----------------------------------------------------------------------------

    @Test
    void allowed_keyIsOursTowardsTheGatewayAndTheClientsTowardsTheClient() {
        try (var client =
                upgrade(alice + ORIGIN + "Sec-WebSocket-Extensions: permessage-deflate\r\n")) {
            var head = client.readHead();
            assertThat(head)
                    .startsWith("HTTP/1.1 101 ")
                    .contains("sec-websocket-accept: " + WebSocketHandshake.accept(KEY) + "\r\n")
                    .contains("strict-transport-security: max-age=31536000\r\n")
                    .contains("\r\nx-request-id: ")
                    .doesNotContainIgnoringCase("extensions");
            assertThat(door.gateway().heads().getFirst())
                    .contains("upgrade: websocket\r\n")
                    .contains(TestDoor.USER_HEADER + ": alice@example.com\r\n")
                    .contains("x-openclaw-scopes: operator.read,")
                    .doesNotContain(KEY)
                    .doesNotContainIgnoringCase("deflate")
                    .doesNotContain("portcullis");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: https://evil.test\r\n",
                "Origin: null\r\n",
                "Origin: http://claw.test\r\n",
                "Origin: https://claw.test.evil.test\r\n",
                "Origin: https://claw.test:443\r\n",
                "Origin: https://CLAW.test\r\n",
                "",
            })
    void signedInButForeignOrMissingOrigin_gets403(String origin) {
        refusedUpgrade(403, alice + origin);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Cookie: __Host-portcullis=x\r\n", "Authorization: Bearer x\r\n"})
    void noIdentity_gets401AndNotOneByteGoesOn(String credentials) {
        refusedUpgrade(401, credentials + ORIGIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: " + KEY,
                "Sec-WebSocket-Key: " + KEY,
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA",
                RIGHT + "\r\nSec-WebSocket-Protocol: a, b, a",
                RIGHT + "\r\nSec-WebSocket-Protocol: a,a",
                RIGHT + "\r\nSec-WebSocket-Protocol: a,",
            })
    void malformedHandshake_gets400AndTheVersion(String fields) {
        var head =
                "GET / HTTP/1.1\r\nHost: claw.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
        assertThat(door.exchange(head + alice + ORIGIN + fields + "\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("sec-websocket-version: 13\r\n");
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void protocolsThatDifferInCase_areDifferent() {
        try (var client = upgrade(alice + ORIGIN + "Sec-WebSocket-Protocol: a, A,b\r\n")) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    void unknownUser_gets403() {
        refusedUpgrade(403, "Cookie: " + door.signIn("mallory@example.com") + "\r\n" + ORIGIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                "HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: RIGHT\r\n\r\n",
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: RIGHT\r\n\r\n",
                "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: RIGHT\r\n\r\n",
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: RIGHT\r\nSec-WebSocket-Protocol: x\r\n\r\n",
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: RIGHT\r\nSec-WebSocket-Extensions: x\r\n\r\n",
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: RIGHT\r\nContent-Length: 3\r\n\r\n",
            })
    void wrong101_opensNoTunnel(String answer) {
        door.gateway()
                .answers((head, gateway) -> {
                    RecordedGateway.send(
                            gateway, answer.replace("RIGHT", RecordedGateway.socketAccept(head)));
                    return true;
                });
        try (var client = upgrade(alice + ORIGIN)) {
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 502 ");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400, 403, 426, 503})
    void otherAnswer_isRelayedAndBytesSentEarlyStayHere(int status) {
        door.gateway()
                .answers((head, gateway) -> {
                    RecordedGateway.send(
                            gateway, "HTTP/1.1 " + status + " X\r\nContent-Length: 2\r\n\r\nno");
                    return true;
                });
        try (var client = upgrade(alice + ORIGIN)) {
            client.send("GET /smuggled HTTP/1.1\r\nHost: claw.test\r\n" + alice + "\r\n");
            assertThat(client.readToEnd())
                    .startsWith("HTTP/1.1 " + status + " ")
                    .contains("connection: close");
        }
        assertThat(door.gateway().bytes()).doesNotContain("smuggled");
    }

    // --- travelling --------------------------------------------------------------------------

    @Test
    void frames_travelBothWaysUntouched() {
        try (var client = upgrade(alice + ORIGIN)) {
            client.readHead();
            client.send(masked(0x81, "hello"));
            assertThat(client.read(7)).isEqualTo("\u0081\u0005hello");
            client.send(masked(0x89, "are you there"));
            assertThat(client.read(15)).isEqualTo("\u008a\rare you there");
        }
    }

    @Test
    void frameThatCameBeforeThe101_isRelayedWithoutWaitingForTheNext() {
        try (var client = upgrade(alice + ORIGIN)) {
            client.send(masked(0x81, "hello"));
            client.readHead();
            assertThat(client.read(7)).isEqualTo("\u0081\u0005hello");
        }
    }

    @Test
    void gatewayReadsLate_getsTheEndOfTheLastFrameWithoutWaitingForTheNext() {
        int length = 1_000_000;
        door.gateway()
                .answers((head, gateway) -> {
                    RecordedGateway.openSocket(head, gateway);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(700)); // Buffers fill up.
                    gateway.getInputStream().readNBytes(6 + 14 + length);
                    RecordedGateway.send(gateway, "\u0081\u0004done");
                    return true;
                });
        try (var client = upgrade(alice + ORIGIN)) {
            client.readHead();
            var frame = new byte[14 + length];
            frame[0] = (byte) 0x82;
            frame[1] = (byte) 0xFF;
            ByteBuffer.wrap(frame).putLong(2, length);
            client.send(masked(0x81, "")).send(frame);
            assertThat(client.read(6)).isEqualTo("\u0081\u0004done");
        }
    }

    @Test
    void closeCode_isPassedOnBothWays() {
        try (var client = upgrade(alice + ORIGIN)) {
            client.readHead();
            client.send(masked(0x88, "\u000f\u00a1bye"));
            assertThat(client.readToEnd()).isEqualTo("\u0088\u0005\u000f\u00a1bye");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\u0081\u0005hello", "\u00c1\u0085\0\0\0\0hello", "\u0083\u0080\0\0\0\0"})
    void brokenFrame_isAnsweredWith1002(String bytes) {
        try (var client = upgrade(alice + ORIGIN)) {
            client.readHead();
            client.send(bytes);
            long sent = System.nanoTime(); // We would wait five seconds for a goodbye.
            assertThat(client.readToEnd()).matches("(?s)\u0088.\u0003\u00ea.*");
            assertThat(System.nanoTime() - sent)
                    .as("our side ends at once")
                    .isLessThan(4_000_000_000L);
        }
    }

    /** A client that said goodbye and waits for ours hears it, whatever the Gateway does. */
    @Test
    void closeThatTheGatewayDoesNotAnswer_isAnswered() {
        door.gateway()
                .answers((head, gateway) -> {
                    RecordedGateway.openSocket(head, gateway);
                    return gateway.getInputStream().read() < 0; // And drops it.
                });
        for (var code : List.of("\u0003\u00e8", "")) {
            try (var client = upgrade(alice + ORIGIN)) {
                client.readHead();
                client.send(masked(0x88, code));
                assertThat(client.readToEnd()).endsWith("\u0088" + (char) code.length() + code);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64 * 1024 + 1, 300_000})
    void firstMessageTooLong_isAnsweredWith1009ThoughItsRestIsOnItsWay(int length) {
        try (var client = upgrade(alice + ORIGIN)) {
            client.readHead();
            var frame = new byte[14 + length];
            frame[0] = (byte) 0x82;
            frame[1] = (byte) 0xFF;
            ByteBuffer.wrap(frame).putLong(2, length);
            client.send(frame).send(masked(0x88, "\u0003\u00f1"));
            assertThat(client.readToEnd()).matches("(?s)\u0088.\u0003\u00f1.*");
        }
    }

    // --- ending ------------------------------------------------------------------------------

    @Test
    void gatewayGone_is1012() {
        try (var client = upgrade(alice + ORIGIN)) {
            client.readHead();
            door.gateway().cut();
            assertThat(client.read(4).substring(2)).isEqualTo("\u0003\u00f4");
        }
    }

    @Test
    void identityEnds_is4401AndWrittenDown() throws IOException, InterruptedException {
        try (var client = upgrade(alice + ORIGIN)) {
            client.readHead();
            client.send(masked(0x81, "hello"));
            client.read(7);
            var user =
                    new LiveConnections.Key.User(
                            UserName.canonical("alice@example.com").orElseThrow());
            assertThat(door.portcullis().live().close(user, Reason.SESSION_ENDED)).isPositive();
            assertThat(client.read(4).substring(2)).isEqualTo("\u00111");
            client.send(masked(0x88, "\u00111"));
            client.readToEnd();
        }
        assertThat(socketCloses())
                .anyMatch(line ->
                        line.contains("\"reason\":\"session-ended\"")
                                && line.contains("\"user\":\"alice@example.com\""));
    }

    @Test
    void upgradesThatAllWaitForTheGateway_countBeforeTheyAreAnswered(@TempDir Path own) {
        try (var narrow = TestDoor.open(own, "limits: { sockets-per-user: 2 }")) {
            var cookie = "Cookie: " + narrow.signIn("alice@example.com") + "\r\n";
            narrow.gateway().answers((head, connection) -> connection.getInputStream().read() >= 0);
            try (var _ = upgrade(narrow, cookie + ORIGIN);
                    var _ = upgrade(narrow, cookie + ORIGIN)) {
                Await.until("both at the Gateway", () -> narrow.gateway().heads().size() == 2);
                try (var third = upgrade(narrow, cookie + ORIGIN)) {
                    assertThat(third.readHead()).startsWith("HTTP/1.1 429 ");
                }
            }
        }
    }

    /** Audit lines of sockets, once there is one at least. */
    private static List<String> socketCloses() throws IOException, InterruptedException {
        var file = folder.resolve("audit/audit.jsonl");
        for (int i = 0; i < 200; i++) {
            var lines = Files.readAllLines(file);
            lines.removeIf(
                    line -> !line.contains("socket-close") || !line.contains("session-ended"));
            if (!lines.isEmpty()) {
                return lines;
            }
            Thread.sleep(10);
        }
        return List.of();
    }

    @Test
    void grantThatLapses_takesTheSocketAlong(@TempDir Path own) {
        var until = Instant.now().plusSeconds(4).toString();
        var line = "  - { user: tina@example.com, until: " + until + " }";
        try (var lapsing = TestDoor.openAllowing(own, line)) {
            lapsing.gateway().answers(WebSocketTest::switchAndEcho);
            var tina = "Cookie: " + lapsing.signIn("tina@example.com") + "\r\n";
            try (var client = upgrade(lapsing, tina + ORIGIN)) {
                client.readHead();
                client.send(masked(0x81, "hello"));
                assertThat(client.read(7)).endsWith("hello");
                assertThat(client.read(4).substring(2)).isEqualTo("\u00111");
            }
        }
    }

    private static RawClient upgrade(String fields) {
        return upgrade(door, fields);
    }

    private static RawClient upgrade(TestDoor at, String fields) {
        return at.connect()
                .send(
                        "GET / HTTP/1.1\r\nHost: claw.test\r\nUpgrade: websocket\r\n"
                                + "Connection: Upgrade\r\n"
                                + RIGHT
                                + "\r\n"
                                + fields
                                + "\r\n");
    }

    private static void refusedUpgrade(int status, String fields) {
        try (var client = upgrade(fields)) {
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 " + status + " ");
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    private static byte[] masked(int first, String payload) {
        var frame = new byte[6 + payload.length()];
        frame[0] = (byte) first;
        frame[1] = (byte) (0x80 | payload.length());
        for (int i = 0; i < payload.length(); i++) {
            frame[6 + i] = (byte) payload.charAt(i);
        }
        return frame;
    }

    /** Opens, then answers text with text, ping with pong and close with close. */
    private static boolean switchAndEcho(String head, Socket gateway) throws IOException {
        RecordedGateway.openSocket(head, gateway);
        var in = gateway.getInputStream();
        while (true) {
            int first = in.read();
            if (first < 0) {
                return false;
            }
            int length = in.read() & 0x7F;
            var mask = in.readNBytes(4);
            var payload = in.readNBytes(length);
            for (int i = 0; i < length; i++) {
                payload[i] ^= mask[i & 3];
            }
            int reply = first == 0x89 ? 0x8A : first;
            gateway.getOutputStream().write(new byte[] {(byte) reply, (byte) length});
            gateway.getOutputStream().write(payload);
        }
    }
}
