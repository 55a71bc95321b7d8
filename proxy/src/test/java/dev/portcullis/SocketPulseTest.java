package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our own pings to whoever is silent, and how fast one may be inside a WebSocket. */
class SocketPulseTest {
    private static final String QUICK = "limits: { socket-idle: 300ms, socket-pong-time: 3s }\n";

    @TempDir Path folder;
    private final LinkedBlockingQueue<String> atGateway = new LinkedBlockingQueue<>();
    private final CompletableFuture<Socket> gateway = new CompletableFuture<>();
    private TestDoor door;
    private long busyNanos;

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void silentClient_isPingedAndItsPongIsForNobodyElse() throws Exception {
        try (var client = open(QUICK)) {
            for (int i = 0; i < 3; i++) {
                var ping = client.read(10);
                assertThat(ping).startsWith("\u0089\u0008");
                client.send(masked(0x8A, ping.substring(2)));
            }
            client.send(masked(0x81, "hello"));
            assertThat(nextAtGateway()).isEqualTo("\u0081hello");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 13, 14, 17})
    void ourPongInPieces_isTakenOutAndNothingElseIs(int cut) throws Exception {
        try (var client = open(QUICK)) {
            var ping = client.read(10);
            var bytes = concat(masked(0x8A, ping.substring(2)), masked(0x81, "hello"));
            client.send(java.util.Arrays.copyOf(bytes, cut));
            client.send(java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
            assertThat(nextAtGateway()).isEqualTo("\u0081hello");
        }
    }

    @Test
    void pongToAPingOfTheGateway_passesThoughOursIsDue() throws Exception {
        try (var client = open(QUICK)) {
            var ours = client.read(10);
            RecordedGateway.send(gateway.get(), "\u0089\u0004ping");
            assertThat(client.read(6)).isEqualTo("\u0089\u0004ping");
            client.send(masked(0x8A, "ping"));
            client.send(masked(0x8A, "unasked!")); // As long as ours.
            client.send(masked(0x8A, ours.substring(2)));
            client.send(masked(0x81, "after"));
            assertThat(nextAtGateway()).isEqualTo("\u008aping");
            assertThat(nextAtGateway()).isEqualTo("\u008aunasked!");
            assertThat(nextAtGateway()).isEqualTo("\u0081after");
        }
    }

    @Test
    void clientThatDoesNotAnswer_isGone() throws Exception {
        try (var client = open(QUICK)) {
            assertThat(client.read(10)).startsWith("\u0089\u0008");
            assertThat(client.read(4).substring(2)).isEqualTo("\u0003\u00e9");
            assertThat(nextAtGateway()).startsWith("\u0088\u0003\u00e9");
        }
    }

    @Test
    void gatewayThatDoesNotAnswer_isGoneWith1012() {
        try (var client = open(QUICK, true)) {
            String frame;
            do { // We answer, it does not.
                frame = client.read(2);
                if (frame.startsWith("\u0089")) {
                    client.send(masked(0x8A, client.read(frame.charAt(1))));
                }
            } while (frame.startsWith("\u0089"));
            assertThat(frame).startsWith("\u0088");
            assertThat(client.read(2)).isEqualTo("\u0003\u00f4");
        }
    }

    @Test
    void messagesFasterThanTheLimit_areLateAndNotLost() throws Exception {
        var limit = "rate-limits: { messages: { rate: 50/s, burst: 50 } }\n";
        try (var client = open(limit)) {
            long begun = System.nanoTime();
            for (int i = 0; i < 90; i++) {
                client.send(masked(0x81, "m" + i));
            }
            for (int i = 0; i < 90; i++) {
                assertThat(nextAtGateway()).isEqualTo("\u0081m" + i);
            }
            client.send(masked(0x81, "after"));
            assertThat(nextAtGateway()).isEqualTo("\u0081after");
            assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(300));
            assertThat(door.portcullis().meters().scrape())
                    .doesNotContain("portcullis_limit_reached_total{limit=\"rate-messages\"} 0.0");
        }
    }

    @Test
    void socketsByTicket_mayBeginWithALargeMessage() throws Exception {
        door = TestDoor.open(folder);
        door.gateway().answers((head, socket) -> serve(head, socket, false));
        try (var client = upgrade("/desktop/observe")) {
            client.readHead();
            var frame = new byte[14 + 100_000];
            frame[0] = (byte) 0x82;
            frame[1] = (byte) 0xFF;
            ByteBuffer.wrap(frame).putLong(2, 100_000);
            client.send(frame).send(masked(0x81, "after"));
            assertThat(nextAtGateway()).hasSize(100_001);
            assertThat(nextAtGateway()).isEqualTo("\u0081after");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void frameThatDrips_isEndedWith1008(boolean first) throws Exception {
        try (var client = open("limits: { body-idle: 1s, body-rate: 1KiB }\n")) {
            if (!first) {
                client.send(masked(0x81, "hello"));
                assertThat(nextAtGateway()).isEqualTo("\u0081hello");
            }
            client.send(head(0xFFFF));
            var dripping = Thread.ofVirtual().start(() -> inPieces(client, 20, 1));
            assertThat(client.read(4)).startsWith("\u0088").endsWith("\u0003\u00f0");
            dripping.join();
            assertThat(atGateway).as("whole frames").isEmpty();
            assertThat(door.portcullis().meters().scrape())
                    .contains("portcullis_limit_reached_total{limit=\"body-rate\"} 1.0");
        }
    }

    @Test
    void frameThatIsSlowAndFastEnough_passes() throws Exception {
        try (var client = open("limits: { body-idle: 1s, body-rate: 1KiB }\n")) {
            for (int i = 0; i < 2; i++) {
                client.send(head(12_000));
                inPieces(client, 12, 1000);
                assertThat(nextAtGateway()).hasSize(12_001);
            }
        }
    }

    @Test
    void frameWhoseRestWeDoNotRead_isNotBlamed() throws Exception {
        var limits =
                "limits: { body-idle: 1s }\n"
                        + "rate-limits: { messages: { rate: 50/s, burst: 50 } }\n";
        try (var client = open(limits)) {
            var frames = ByteBuffer.allocate(250 * 7 + 8 + 500);
            for (int i = 0; i < 250; i++) { // For which it is held back for about 4 s.
                frames.put(masked(0x81, "m"));
            }
            frames.put(head(1000)).put(new byte[500]);
            client.send(frames.array()).send(new byte[500]);
            for (int i = 0; i < 250; i++) {
                assertThat(nextAtGateway()).isEqualTo("\u0081m");
            }
            assertThat(nextAtGateway()).hasSize(1001);
        }
    }

    @Test
    void frameThatAGatewayHoldsUp_isNotBlamed() throws Exception {
        int length = 16 << 20;
        var limits = "limits: { body-idle: 1s, body-rate: 1MiB, socket-buffer: 16KiB }\n";
        try (var client = open(limits, false, 6)) {
            client.send(masked(0x82, "first"));
            var frame = new byte[14 + length];
            frame[0] = (byte) 0x82;
            frame[1] = (byte) 0xFF;
            ByteBuffer.wrap(frame).putLong(2, length);
            client.send(frame).send(masked(0x81, "after"));
            assertThat(nextAtGateway()).isEqualTo("\u0082first");
            assertThat(nextAtGateway()).hasSize(length + 1);
            assertThat(nextAtGateway()).isEqualTo("\u0081after");
        }
    }

    private static byte[] head(int length) {
        return ByteBuffer.allocate(8).putInt(0x81FE0000 | length).array();
    }

    private static void inPieces(RawClient client, int count, int size) {
        try {
            for (int i = 0; i < count; i++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
                client.send(new byte[size]);
            }
        } catch (java.io.UncheckedIOException closed) {
            // By the door, which is what a test waits for.
        }
    }

    private RawClient open(String settings) {
        return open(settings, false);
    }

    private RawClient open(String settings, boolean deafGateway) {
        return open(settings, deafGateway, 0);
    }

    /**
     * @param busySeconds for how long the Gateway reads nothing
     */
    private RawClient open(String settings, boolean deafGateway, int busySeconds) {
        busyNanos = TimeUnit.SECONDS.toNanos(busySeconds);
        door = TestDoor.open(folder, settings);
        door.gateway().answers((head, socket) -> serve(head, socket, deafGateway));
        var client = upgrade("/");
        client.readHead();
        return client;
    }

    private RawClient upgrade(String path) {
        return door.connect()
                .send(
                        "GET "
                                + path
                                + " HTTP/1.1\r\nHost: claw.test\r\nUpgrade: websocket\r\n"
                                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: "
                                + door.signIn("alice@example.com")
                                + "\r\nOrigin: https://claw.test\r\n\r\n");
    }

    /** Notes every frame but pings, which it answers unless it is deaf to them. */
    private boolean serve(String head, Socket socket, boolean deaf) throws IOException {
        RecordedGateway.openSocket(head, socket);
        gateway.complete(socket);
        LockSupport.parkNanos(busyNanos);
        var in = new java.io.DataInputStream(socket.getInputStream());
        while (true) {
            int first = in.read();
            if (first < 0) {
                return false;
            }
            int length = in.readByte() & 0x7F;
            length =
                    length == 126
                            ? in.readUnsignedShort()
                            : length == 127 ? (int) in.readLong() : length;
            var mask = in.readNBytes(4);
            var payload = in.readNBytes(length);
            if (payload.length < length) {
                return false;
            }
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
            if (first != 0x89) {
                atGateway.add((char) first + new String(payload, StandardCharsets.ISO_8859_1));
            } else if (!deaf) {
                socket.getOutputStream().write(new byte[] {(byte) 0x8A, (byte) length});
                socket.getOutputStream().write(payload);
            }
        }
    }

    private String nextAtGateway() throws InterruptedException {
        return atGateway.poll(10, TimeUnit.SECONDS);
    }

    private static byte[] masked(int first, String payload) {
        var frame = new byte[6 + payload.length()];
        frame[0] = (byte) first;
        frame[1] = (byte) (0x80 | payload.length());
        frame[2] = 0x11;
        frame[3] = 0x22;
        frame[4] = (byte) 0xF3;
        frame[5] = 0x44;
        for (int i = 0; i < payload.length(); i++) {
            frame[6 + i] = (byte) (payload.charAt(i) ^ frame[2 + (i & 3)]);
        }
        return frame;
    }

    private static byte[] concat(byte[] one, byte[] other) {
        return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
    }
}
