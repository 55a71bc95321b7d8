package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Await;
import dev.portcullis.testing.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a connection may cost before anybody has shown who it is. */
class CapsTest {
    private static final String UNHURRIED =
            "rate-limits: { address: { rate: 50000/s }, user: { rate: 50000/s } }\n";

    @TempDir Path folder;

    @Test
    void oneHandshakeTooMany_endsTheOldestAndNotTheNewest() throws IOException {
        try (var door = TestDoor.open(folder, "limits: { handshakes: 1 }");
                var client = door.connect()) {
            // Its handshake is done, and so not counted: the door has answered.
            assertThat(client.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
            for (int i = 0; i < 50; i++) { // More than one for each loop.
                var stalled = plain(door);
                stalled.getOutputStream().write(0x16);
                if (i == 0) {
                    stalled.setSoTimeout(0);
                }
            }
            try (var late = door.connect()) {
                assertThat(late.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
            }
            assertThat(client.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(door.portcullis().meters().scrape())
                    .doesNotContain("portcullis_limit_reached_total{limit=\"handshakes\"} 0.0");
        }
    }

    @Test
    void oneConnectionTooMany_endsTheOldestThatHasProvenNothing() throws IOException {
        try (var door = TestDoor.open(folder, "limits: { connections: 200 }");
                var client = door.connect()) {
            assertThat(client.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
            var silent = new ArrayList<Socket>();
            for (int i = 0; i < 400; i++) {
                silent.add(plain(door));
            }
            assertThat(endsWithoutAWord(silent.getFirst())).isTrue();
            try (var late = door.connect()) {
                assertThat(late.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
            }
            assertThat(client.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(door.portcullis().meters().scrape())
                    .doesNotContain("portcullis_limit_reached_total{limit=\"connections\"} 0.0");
        }
    }

    /** Whoever comes again and again pushes out himself. */
    @Test
    void oneConnectionTooMany_endsOneOfItsOwnAddress() throws IOException {
        var limits = "limits: { connections: 60, connections-per-address: 1000 }";
        try (var door = TestDoor.open(folder, limits)) {
            var others = new ArrayList<Socket>();
            for (int i = 0; i < 10; i++) {
                others.add(plain(door, "127.0.0.2"));
            }
            counted(door, 10);
            var own = new ArrayList<Socket>();
            for (int i = 0; i < 50; i++) {
                own.add(plain(door, "127.0.0.3"));
            }
            counted(door, 60);
            for (int i = 0; i < 150; i++) {
                own.add(plain(door, "127.0.0.3"));
            }
            assertThat(endsWithoutAWord(own.getFirst())).isTrue();
            for (var other : others) {
                other.setSoTimeout(20);
                assertThat(endsWithoutAWord(other)).isFalse();
            }
        }
    }

    @Test
    void oneTooManyOfAnAddress_endsNobodyElse() throws IOException {
        var limits = "limits: { connections: 10, connections-per-address: 5 }";
        try (var door = TestDoor.open(folder, limits)) {
            var others = new ArrayList<Socket>();
            for (int i = 0; i < 5; i++) {
                others.add(plain(door, "127.0.0.2"));
            }
            var own = new ArrayList<Socket>(); // Kept: nobody else closes them.
            for (int i = 0; i < 5; i++) {
                own.add(plain(door, "127.0.0.3"));
            }
            counted(door, 10);
            for (int i = 0; i < 20; i++) {
                assertThat(endsWithoutAWord(plain(door, "127.0.0.3"))).isTrue();
            }
            others.addAll(own);
            for (var other : others) {
                other.setSoTimeout(20);
                assertThat(endsWithoutAWord(other)).isFalse();
            }
        }
    }

    /** A balancer is not whoever is behind it, and comes for nobody before it says for whom. */
    @Test
    void oneTooManyBehindABalancer_endsOneOfItsOwnAddress() throws IOException {
        var limits =
                "trusted-balancers: [127.0.0.1]\n"
                        + "limits: { connections: 20, connections-per-address: 15 }";
        try (var door = TestDoor.open(folder, limits)) {
            var others = new ArrayList<Socket>();
            for (int i = 0; i < 10; i++) {
                others.add(behindBalancer(door, "198.51.100.1"));
            }
            counted(door, 10);
            var own = new ArrayList<Socket>();
            for (int i = 0; i < 50; i++) {
                own.add(behindBalancer(door, "198.51.100.2"));
            }
            counted(door, 20);
            for (int i = 0; i < 20; i++) {
                own.add(plain(door, "127.0.0.1")); // Says nothing yet.
            }
            assertThat(ended(others)).isZero();
            assertThat(ended(own)).isEqualTo(40);
            own.add(behindBalancer(door, "198.51.100.1"));
            Await.until("one of its own", () -> ended(others) == 1);
        }
    }

    /**
     * One that never says whose it is ends for the next, and one that has said it does not count.
     */
    @Test
    void headersThatDoNotCome_keepNobodyOut() throws IOException {
        var limits = "trusted-balancers: [127.0.0.1]\nlimits: { handshakes: 20 }";
        try (var door = TestDoor.open(folder, limits)) {
            var known = new ArrayList<Socket>();
            for (int i = 0; i < 6; i++) {
                known.add(behindBalancer(door, "198.51.100.1"));
                counted(door, i + 1);
            }
            var silent = new ArrayList<Socket>();
            for (int i = 0; i < 40; i++) {
                silent.add(plain(door));
            }
            Await.until("twenty wait at most", () -> ended(silent) >= 20);
            known.add(behindBalancer(door, "198.51.100.2"));
            assertThat(ended(known)).isZero();
        }
    }

    private static long ended(List<Socket> sockets) {
        return sockets.stream().filter(CapsTest::isEnded).count();
    }

    private static boolean isEnded(Socket socket) {
        try {
            socket.setSoTimeout(20);
        } catch (SocketException closed) {
            return true;
        }
        return endsWithoutAWord(socket);
    }

    private static Socket behindBalancer(TestDoor door, String client) throws IOException {
        var socket = plain(door, "127.0.0.1");
        var header = "PROXY TCP4 " + client + " 203.0.113.1 4711 443\r\n";
        socket.getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** One less would be no room: nobody ends for nothing. */
    @Test
    void whereTheLimitWasLowered_newOnesAreRefusedAndNobodyEnds() throws IOException {
        var limits = "limits: { connections: 10 }";
        try (var door = TestDoor.open(folder, limits)) {
            var silent = new ArrayList<Socket>();
            for (int i = 0; i < 10; i++) {
                silent.add(plain(door));
            }
            counted(door, 10);
            door.reload(limits, "limits: { connections: 5 }");
            for (int i = 0; i < 5; i++) {
                assertThat(endsWithoutAWord(plain(door))).isTrue();
            }
            assertThat(ended(silent)).isZero();
        }
    }

    /** Wherever it is: each event loop has those that it carries. */
    @Test
    void oneConnectionTooMany_endsOneOfAnotherLoop() throws IOException {
        try (var door = TestDoor.open(folder, "limits: { connections: 2 }");
                var client = door.connect()) {
            assertThat(client.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
            var silent = plain(door);
            counted(door, 2);
            for (int i = 0; i < 3; i++) { // One of them meets the loop of the client.
                try (var late = door.connect()) {
                    assertThat(late.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readToEnd())
                            .startsWith("HTTP/1.1 421 ");
                }
                assertThat(endsWithoutAWord(silent)).isTrue();
                counted(door, 1);
                silent = plain(door);
                counted(door, 2);
            }
            assertThat(client.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
        }
    }

    /** Of those that may stay none is closed for another. */
    @Test
    void oneConnectionTooMany_isRefusedWhereAllHaveProvenSomething() throws IOException {
        try (var door = TestDoor.open(folder, "limits: { connections: 8 }")) {
            var proven = new ArrayList<RawClient>();
            for (int i = 0; i < 8; i++) {
                var client = door.connect();
                assertThat(client.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
                proven.add(client);
            }
            assertThat(endsWithoutAWord(plain(door))).isTrue();
            for (var client : proven) {
                assertThat(client.send(get(door)).readAnswer()).startsWith("HTTP/1.1 200 ");
                client.close();
            }
            assertThat(door.portcullis().meters().scrape())
                    .contains("portcullis_connections_refused_total 1.0");
        }
    }

    @Test
    void clientHelloWithoutEnd_isCut() throws IOException {
        try (var door = TestDoor.open(folder, "limits: { client-hello: 1KiB }");
                var client = plain(door)) {
            var hello = new byte[1025]; // A record that announces 16 KiB, and a hello of that size.
            hello[0] = 0x16;
            hello[1] = 0x03;
            hello[2] = 0x01;
            hello[3] = 0x3F;
            hello[4] = (byte) 0xFF;
            hello[5] = 0x01;
            hello[7] = 0x3F;
            hello[8] = (byte) 0xFB;
            client.getOutputStream().write(hello);
            assertThat(endsWithoutAWord(client)).isTrue();
            assertThat(door.portcullis().meters().scrape())
                    .contains("portcullis_limit_reached_total{limit=\"client-hello\"} 1.0");
        }
    }

    @Test
    void handshakeOfManyRecords_isCut() throws IOException {
        try (var door = TestDoor.open(folder);
                var client = plain(door)) {
            var engine = RawClient.trusting(null).createSSLEngine(TestDoor.HOST, 443);
            engine.setUseClientMode(true);
            var all = new ByteArrayOutputStream();
            all.writeBytes(wrapped(engine));
            for (int i = 0; i < 64; i++) { // One is sent for old middleboxes.
                all.writeBytes(new byte[] {20, 3, 3, 0, 1, 1});
            }
            client.getOutputStream().write(all.toByteArray());
            assertThat(rest(client)).doesNotContain(22);
            assertThat(door.portcullis().meters().scrape())
                    .contains("portcullis_limit_reached_total{limit=\"client-hello\"} 1.0");
        }
    }

    @Test
    void requestInManyRecordsRightBehindTheHandshake_isServed() throws Exception {
        try (var door = TestDoor.open(folder)) {
            var held = new HeldSocket(door.portcullis().address());
            try (var client =
                    new RawClient(held, TestDoor.HOST, List.of(), RawClient.trusting(null))) {
                get(door)
                        .chars()
                        .forEach(c -> client.send(Character.toString(c))); // A record each.
                held.release(); // Behind the Finished.
                assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void secondHelloOfManyRecords_isCut() throws Exception {
        try (var door = TestDoor.open(folder);
                var client = plain(door)) {
            var engine = RawClient.trusting(null).createSSLEngine(TestDoor.HOST, 443);
            engine.setUseClientMode(true);
            var parameters = engine.getSSLParameters();
            parameters.setNamedGroups(new String[] {"secp384r1", "secp256r1"}); // Not the first.
            engine.setSSLParameters(parameters);
            client.getOutputStream().write(wrapped(engine));
            unwrapAll(engine, client.getInputStream()); // HelloRetryRequest, RFC 8446 §4.1.4.
            var second = wrapped(engine);
            int hello = second[0] == 20 ? 6 : 0; // Behind a change_cipher_spec.
            for (int i = hello + 5; i < second.length; i++) {
                client.getOutputStream().write(new byte[] {22, 3, 3, 0, 1, second[i]});
            }
            assertThat(rest(client)).doesNotContain(22); // At most a change_cipher_spec.
            assertThat(door.portcullis().meters().scrape())
                    .contains("portcullis_limit_reached_total{limit=\"client-hello\"} 1.0");
        }
    }

    private static byte[] rest(Socket client) {
        var all = new ByteArrayOutputStream();
        try {
            client.getInputStream().transferTo(all);
        } catch (IOException reset) {
            // Over what it had not read.
        }
        return all.toByteArray();
    }

    private static byte[] wrapped(SSLEngine engine) throws SSLException {
        var out = ByteBuffer.allocate(32 * 1024);
        while (engine.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP) {
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            } else {
                engine.wrap(ByteBuffer.allocate(0), out);
            }
            if (engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
                engine.beginHandshake();
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void unwrapAll(SSLEngine engine, InputStream in) throws IOException {
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
            var head = in.readNBytes(5);
            var rest = in.readNBytes((head[3] & 0xFF) << 8 | (head[4] & 0xFF));
            var record = ByteBuffer.allocate(5 + rest.length).put(head).put(rest).flip();
            engine.unwrap(record, ByteBuffer.allocate(32 * 1024));
        }
    }

    @Test
    void connectionThatProvesNothing_endsThoughItKeepsAsking() {
        try (var door = TestDoor.open(folder, "limits: { unproven-time: 300ms }");
                var client = door.connect()) {
            int answers = 0;
            try {
                while (true) {
                    client.send("GET / HTTP/1.1\r\nHost: claw.test\r\n\r\n");
                    client.readAnswer();
                    answers++;
                }
            } catch (AssertionError | java.io.UncheckedIOException closed) {
                assertThat(answers).isPositive();
            }
        }
    }

    @Test
    void connectionThatProvedItself_livesOn() {
        try (var door = TestDoor.open(folder, "limits: { unproven-time: 2s }\n" + UNHURRIED);
                var client = door.connect()) {
            long end = System.nanoTime() + 3_000_000_000L;
            var request = get(door);
            while (System.nanoTime() < end) {
                assertThat(client.send(request).readAnswer()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    private static Socket plain(TestDoor door) throws IOException {
        return plain(door, "127.0.0.1");
    }

    private static Socket plain(TestDoor door, String from) throws IOException {
        var address = door.portcullis().address();
        var socket =
                new Socket(address.getAddress(), address.getPort(), InetAddress.getByName(from), 0);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void counted(TestDoor door, int open) {
        var line = "portcullis_connections_open " + open + ".0";
        Await.until(line, () -> door.portcullis().meters().scrape().contains(line));
    }

    private static boolean endsWithoutAWord(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException silence) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static String get(TestDoor door) {
        return "GET /api HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                + door.signIn("alice@example.com")
                + "\r\n\r\n";
    }
}
