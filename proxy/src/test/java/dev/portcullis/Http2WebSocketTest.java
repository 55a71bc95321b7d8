package dev.portcullis;

import static dev.portcullis.testing.Http2Client.DATA;
import static dev.portcullis.testing.Http2Client.GOAWAY;
import static dev.portcullis.testing.Http2Client.RST_STREAM;
import static dev.portcullis.testing.Http2Client.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A WebSocket on an HTTP/2 stream (RFC 8441): how it opens, what travels, and how it ends. */
class Http2WebSocketTest {
    private static final String ORIGIN = "origin: https://claw.test\r\n";
    private static final String VERSION = "sec-websocket-version: 13\r\n";

    @TempDir static Path folder;
    private static TestDoor door;
    private static String alice;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder, "limits: { drain-jitter: 0s }");
        alice = "cookie: " + door.signIn("alice@example.com") + "\r\n";
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @BeforeEach
    void startOver() {
        door.gateway().startOver();
        door.gateway().answers(Http2WebSocketTest::switchAndEcho);
    }

    private static List<String> connect(String fields) {
        return Http2Text.socket("/chat", TestDoor.HOST, fields);
    }

    private static int opened(Http2Client client) {
        int stream = client.request(false, connect(alice + ORIGIN + VERSION));
        assertThat(client.await(f -> f.stream() == stream).fields().getFirst())
                .isEqualTo(":status: 200");
        return stream;
    }

    @Test
    void extendedConnect_isOffered() {
        try (var client = door.connectHttp2()) {
            var settings = client.settings();
            assertThat(settings.type()).isEqualTo(SETTINGS);
            // SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441 §3).
            assertThat(new String(settings.payload(), StandardCharsets.ISO_8859_1))
                    .contains("\0\u0008\0\0\0\u0001");
        }
    }

    @Test
    void allowed_isA200AndTheKeyTowardsTheGatewayIsOurs() {
        try (var client = door.connectHttp2()) {
            var offer = "sec-websocket-extensions: permessage-deflate\r\n";
            int stream = client.request(false, connect(alice + ORIGIN + VERSION + offer));
            assertThat(client.await(f -> f.stream() == stream).fields())
                    .hasSize(3)
                    .contains(":status: 200", "strict-transport-security: max-age=31536000")
                    .anyMatch(field -> field.startsWith("x-request-id: "));
        }
        assertThat(door.gateway().heads().getFirst())
                .startsWith("GET /chat HTTP/1.1\r\n")
                .contains("upgrade: websocket\r\n", "sec-websocket-key: ")
                .contains(TestDoor.USER_HEADER + ": alice@example.com\r\n")
                .doesNotContainIgnoringCase("deflate");
    }

    /** To its client any 2xx says that the socket is open. */
    @ParameterizedTest
    @ValueSource(strings = {"200 OK", "204 No Content", "404 Not Found"})
    void answerThatIsNoSwitch_opensNoTunnel(String status) {
        boolean empty = status.startsWith("204");
        var rest = empty ? "\r\n" : "Content-Length: 2\r\n\r\nok";
        door.gateway()
                .answers((_, gateway) -> {
                    RecordedGateway.send(gateway, "HTTP/1.1 " + status + "\r\n" + rest);
                    return true;
                });
        try (var client = door.connectHttp2()) {
            int stream = client.request(false, connect(alice + ORIGIN + VERSION));
            assertThat(client.answer(stream).status())
                    .isEqualTo(status.startsWith("2") ? 502 : 404);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "origin: https://evil.test\r\n",
                "origin: null\r\n",
                "origin: http://claw.test\r\n",
                "origin: https://claw.test.evil.test\r\n",
                "",
            })
    void foreignOrMissingOrigin_gets403(String origin) {
        refused(403, connect(alice + origin + VERSION));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "cookie: __Host-portcullis=x\r\n", "authorization: Bearer x\r\n"})
    void noIdentity_gets401AndNotOneByteGoesOn(String credentials) {
        refused(401, connect(credentials + ORIGIN + VERSION));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sec-websocket-version: 8\r\n",
                VERSION + VERSION,
                VERSION + "content-length: 0\r\n",
                VERSION + "content-length: 5\r\n",
                VERSION + "sec-websocket-protocol: a b\r\n",
                VERSION + "sec-websocket-protocol: a, a\r\n",
                VERSION + "upgrade: websocket\r\n",
                VERSION + "connection: Upgrade\r\n",
            })
    void malformedHandshake_gets400(String fields) {
        refused(400, connect(alice + ORIGIN + fields));
    }

    @ParameterizedTest
    @ValueSource(strings = {"connect-udp", "connect-ip", "WebSocket", "h2c", ""})
    void otherProtocol_gets400(String protocol) {
        var head = connect(alice + ORIGIN + VERSION);
        head.set(3, protocol);
        refused(400, head);
    }

    @Test
    void connectWithoutProtocolOrWithAnEnd_gets400() {
        var plain = connect(alice + ORIGIN + VERSION);
        plain.subList(2, 4).clear();
        refused(400, plain);
        var get = connect(alice + ORIGIN + VERSION);
        get.set(1, "GET");
        refused(400, get);
        try (var client = door.connectHttp2()) {
            int stream = client.request(true, connect(alice + ORIGIN + VERSION));
            assertThat(client.answer(stream).status()).isEqualTo(400);
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    private static void refused(int status, List<String> head) {
        try (var client = door.connectHttp2()) {
            assertThat(client.answer(client.request(false, head)).status()).isEqualTo(status);
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void wrong101_opensNoTunnel() {
        door.gateway()
                .answers((_, gateway) -> {
                    RecordedGateway.send(
                            gateway,
                            "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
                    return true;
                });
        try (var client = door.connectHttp2()) {
            int stream = client.request(false, connect(alice + ORIGIN + VERSION));
            assertThat(client.answer(stream).status()).isEqualTo(502);
        }
    }

    @Test
    void frames_travelBothWaysBesideRequests() {
        try (var client = door.connectHttp2()) {
            int socket = opened(client);
            client.data(socket, false, masked(0x81, "hello"));
            assertThat(bytes(client, socket, 7)).isEqualTo("\u0081\u0005hello");
            int request =
                    client.request(
                            true,
                            Http2Text.head("GET /_portcullis/me HTTP/1.1", "claw.test", alice));
            assertThat(client.answer(request).status()).isEqualTo(200);
            client.data(socket, false, masked(0x81, "again"));
            assertThat(bytes(client, socket, 7)).isEqualTo("\u0081\u0005again");
        }
    }

    @Test
    void framesSentBeforeThe200_areRelayedWhenTheTunnelOpens() {
        try (var client = door.connectHttp2()) {
            int socket = client.request(false, connect(alice + ORIGIN + VERSION));
            client.data(socket, false, masked(0x81, "hello"));
            assertThat(bytes(client, socket, 7)).isEqualTo("\u0081\u0005hello");
        }
    }

    @Test
    void closeFrames_endTheStreamWithoutAReset() {
        try (var client = door.connectHttp2()) {
            int socket = opened(client);
            client.data(socket, false, masked(0x88, "\u0003\u00e8"));
            assertThat(bytes(client, socket, 4)).isEqualTo("\u0088\u0002\u0003\u00e8");
            var end = client.await(f -> f.stream() == socket && f.ends());
            assertThat(end.type()).as("END_STREAM").isEqualTo(DATA);
            client.data(socket, true, "");
        }
    }

    @Test
    void brokenFrame_isAnsweredWith1002() {
        try (var client = door.connectHttp2()) {
            int socket = opened(client);
            client.data(socket, false, "\u0081\u0005hello"); // Without a mask.
            assertThat(bytes(client, socket, 4).substring(2)).isEqualTo("\u0003\u00ea");
        }
    }

    @Test
    void gatewayGone_is1012() {
        try (var client = door.connectHttp2()) {
            int socket = opened(client);
            door.gateway().cut();
            assertThat(bytes(client, socket, 4).substring(2)).isEqualTo("\u0003\u00f4");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void clientEndsOrResetsTheStream_gatewaysConnectionEnds(boolean reset)
            throws InterruptedException {
        var ended = new CountDownLatch(1);
        door.gateway()
                .answers((head, gateway) -> {
                    RecordedGateway.openSocket(head, gateway);
                    while (gateway.getInputStream().read() >= 0) {
                        // Until it ends.
                    }
                    ended.countDown();
                    return false;
                });
        try (var client = door.connectHttp2()) {
            int socket = opened(client);
            if (reset) {
                client.frame(RST_STREAM, 0, socket, new byte[] {0, 0, 0, 8});
            } else {
                client.data(socket, true, "");
            }
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            int request =
                    client.request(
                            true,
                            Http2Text.head("GET /_portcullis/me HTTP/1.1", "claw.test", alice));
            assertThat(client.answer(request).status()).isEqualTo(200);
        }
    }

    @Test
    void identityEnds_is4401OnItsOwnStreamsAlone() {
        var victor = "cookie: " + door.signIn("victor@example.com") + "\r\n";
        try (var client = door.connectHttp2()) {
            int theirs = client.request(false, connect(victor + ORIGIN + VERSION));
            client.await(f -> f.stream() == theirs);
            int hers = opened(client);
            var user =
                    new LiveConnections.Key.User(
                            UserName.canonical("victor@example.com").orElseThrow());
            assertThat(door.portcullis().live().close(user, Reason.SESSION_ENDED)).isPositive();
            assertThat(bytes(client, theirs, 4).substring(2)).isEqualTo("\u00111");
            client.data(hers, false, masked(0x81, "hello"));
            assertThat(bytes(client, hers, 7)).isEqualTo("\u0081\u0005hello");
        }
    }

    @Test
    void stop_saysGoAwayAnd1001(@TempDir Path own) {
        var more = "limits: { drain-jitter: 0s, drain-grace: 8s }";
        try (var stopping = TestDoor.open(own, more)) {
            stopping.gateway().answers(Http2WebSocketTest::switchAndEcho);
            var cookie = "cookie: " + stopping.signIn("alice@example.com") + "\r\n";
            try (var client = stopping.connectHttp2()) {
                int socket = client.request(false, connect(cookie + ORIGIN + VERSION));
                client.await(f -> f.stream() == socket);
                var drained = new CountDownLatch(1);
                Thread.ofVirtual()
                        .start(() -> {
                            stopping.portcullis().drain();
                            drained.countDown();
                        });
                assertThat(bytes(client, socket, 4).substring(2)).isEqualTo("\u0003\u00e9");
                assertThat(client.await(f -> f.type() == GOAWAY).error()).isZero();
                client.data(socket, true, masked(0x88, "\u0003\u00e9"));
                assertThat(client.isClosedByTheDoor()).isTrue();
            }
        }
    }

    private static String bytes(Http2Client client, int stream, int count) {
        var text = new StringBuilder();
        while (text.length() < count) {
            var frame = client.await(f -> f.stream() == stream && f.type() == DATA);
            assertThat(frame).as("the door closed").isNotNull();
            text.append(new String(frame.payload(), StandardCharsets.ISO_8859_1));
        }
        return text.substring(0, count);
    }

    private static String masked(int first, String payload) {
        return (char) first + "" + (char) (0x80 | payload.length()) + "\0\0\0\0" + payload;
    }

    /** Sends every short frame back without its mask of zeros. */
    private static boolean switchAndEcho(String head, Socket gateway) throws IOException {
        RecordedGateway.openSocket(head, gateway);
        while (true) {
            var frame = gateway.getInputStream().readNBytes(6);
            if (frame.length < 6) {
                return false;
            }
            int length = frame[1] & 0x7F;
            var mask = java.util.Arrays.copyOfRange(frame, 2, 6);
            var payload = gateway.getInputStream().readNBytes(length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % 4];
            }
            RecordedGateway.send(
                    gateway,
                    (char) (frame[0] & 0xFF)
                            + ""
                            + (char) length
                            + new String(payload, StandardCharsets.ISO_8859_1));
        }
    }
}
