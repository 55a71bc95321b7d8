package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Somebody is hostile beside good clients: each of those is answered. How many the hostile may be
 * is for {@code bench/hostile}.
 */
@ExtendWith(RealParts.Provided.class)
@Isolated("It measures.")
class AttackFaultsTest {
    private static final int HALF_HANDSHAKES = 1_000;
    private static final int SLOW_HEADS = 200;
    private static final int SOCKETS = 20;
    private static final int VISITORS = 4;
    private static final long AMPLIFICATION_MAX = 10;

    /** What the two sides say of themselves before anything goes wrong. */
    private static final long COURTESY_BYTES = 1024;

    private static FaultStage stage;

    @BeforeAll
    static void start(RealParts parts) throws IOException {
        stage =
                FaultStage.set(
                        parts,
                        "drain-jitter: 0s, head-time: 3s, handshake-time: 3s, handshakes: 800");
    }

    @AfterAll
    static void stop() throws IOException {
        stage.close();
    }

    @Test
    void slowHeadsAndHalfHandshakes_endAtTheirLimitsAndNobodyElseNotices() throws Exception {
        try (var good = new Good()) {
            var hostile = new ArrayList<Socket>();
            for (int i = 0; i < HALF_HANDSHAKES; i++) {
                hostile.add(half(i));
            }
            var slow = new ArrayList<DoorClient>();
            for (int i = 0; i < SLOW_HEADS; i++) {
                var client = stage.sidecar().connect();
                slow.add(
                        client.send("GET / HTTP/1.1\r\nHost: " + TestCertificates.DOOR + "\r\nX-"));
            }
            for (var socket : hostile) {
                assertThat(ends(socket)).isTrue();
                socket.close();
            }
            for (var client : slow) { // 408, and then nothing more.
                assertThat(client.answerIfAny().map(Answer::status).orElse(408)).isEqualTo(408);
                client.close();
            }
            long recovered = good.newcomer();
            FaultLine.print(
                    SLOW_HEADS + " slow heads, " + HALF_HANDSHAKES + " half handshakes",
                    "others' answers " + good.seen(),
                    good.unanswered(),
                    recovered);
        }
    }

    /** The first bytes of a record that never comes. */
    private static Socket half(int number) throws IOException {
        var socket = new Socket();
        socket.bind(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.2." + (1 + number % 200)), 0));
        socket.connect(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), stage.sidecar().port()));
        socket.setSoTimeout(15_000);
        socket.getOutputStream().write(new byte[] {0x16, 3, 1, 1, 0, 1});
        return socket;
    }

    private static boolean ends(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void floodsOverHttp2_endTheirConnectionAndNobodyElseNotices() throws Exception {
        try (var good = new Good()) {
            long worst = 0;
            var floods = Http2Floods.all(stage.cookie());
            for (var flood : floods.entrySet()) {
                var bytes = flood.getValue();
                long answered = answered(flood.getKey(), bytes);
                assertThat(answered)
                        .as(flood.getKey())
                        .isLessThan(AMPLIFICATION_MAX * bytes.length + COURTESY_BYTES);
                worst = Math.max(worst, 100 * answered / bytes.length);
            }
            long recovered = good.newcomer();
            FaultLine.print(
                    floods.size() + " floods over HTTP/2",
                    "GOAWAY, %.1f bytes for each; others %s".formatted(worst / 100.0, good.seen()),
                    good.unanswered(),
                    recovered);
        }
    }

    /** Bytes that came back until the door closed, GOAWAY among them. */
    private static long answered(String name, byte[] flood) throws IOException {
        try (var socket = http2()) {
            try {
                socket.getOutputStream().write(Http2Floods.begun(flood));
            } catch (IOException closed) {
                // It had enough before it had all.
            }
            long count = 0;
            boolean toldToGo = false;
            try {
                for (var head = head(socket); head.length == 9; head = head(socket)) {
                    int length =
                            ((head[0] & 0xFF) << 16) | ((head[1] & 0xFF) << 8) | (head[2] & 0xFF);
                    toldToGo |= head[3] == Http2Floods.GOAWAY;
                    count += 9 + socket.getInputStream().readNBytes(length).length;
                }
            } catch (java.net.SocketTimeoutException open) {
                throw new AssertionError(name + ": still open (expected: its end)", open);
            } catch (IOException reset) {
                toldToGo =
                        true; // Our bytes were still on their way: the reset took the frame along.
            }
            assertThat(toldToGo).as(name).isTrue();
            return count;
        }
    }

    private static byte[] head(SSLSocket socket) throws IOException {
        return socket.getInputStream().readNBytes(9);
    }

    private static SSLSocket http2() throws IOException {
        var factory = TestCertificates.ofThisRun().trusting().getSocketFactory();
        int port = stage.sidecar().port();
        var plain = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        plain.setSoTimeout(10_000);
        var socket = (SSLSocket) factory.createSocket(plain, TestCertificates.DOOR, port, true);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** Good clients all the while: they ask, and their sockets stay. */
    private static final class Good implements AutoCloseable {
        private final List<DoorClient> sockets = stage.open(SOCKETS);
        private final List<Visitor> visitors = new ArrayList<>();

        Good() {
            for (int i = 0; i < VISITORS; i++) {
                visitors.add(new Visitor(stage.sidecar(), stage.get("/good/" + i), 10));
            }
        }

        /** How long somebody new waits for an answer now; nobody else has missed one. */
        long newcomer() throws IOException {
            long begun = System.nanoTime();
            assertThat(stage.sidecar().request(stage.get("/new")).status()).isEqualTo(200);
            long took = System.nanoTime() - begun;
            visitors.forEach(Visitor::close);
            FaultStage.allEcho(sockets);
            assertThat(seen()).containsOnlyKeys(200);
            assertThat(unanswered()).isZero();
            return took;
        }

        Map<Integer, Integer> seen() {
            var all = new java.util.TreeMap<Integer, Integer>();
            visitors.forEach(visitor ->
                    visitor.seen().forEach((code, n) -> all.merge(code, n, Integer::sum)));
            return all;
        }

        int unanswered() {
            return visitors.stream().mapToInt(Visitor::unanswered).sum();
        }

        @Override
        public void close() {
            visitors.forEach(Visitor::close);
        }
    }
}
