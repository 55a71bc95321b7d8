package dev.portcullis;

import static dev.portcullis.testing.Http2Client.CONTINUATION;
import static dev.portcullis.testing.Http2Client.DATA;
import static dev.portcullis.testing.Http2Client.END_HEADERS;
import static dev.portcullis.testing.Http2Client.END_STREAM;
import static dev.portcullis.testing.Http2Client.HEADERS;
import static dev.portcullis.testing.Http2Client.PING;
import static dev.portcullis.testing.Http2Client.PRIORITY;
import static dev.portcullis.testing.Http2Client.RST_STREAM;
import static dev.portcullis.testing.Http2Client.SETTINGS;
import static dev.portcullis.testing.Http2Client.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RecordedGateway;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What only HTTP/2 can be attacked with: heads that lie, and floods of frames. */
class Http2AttackTest {
    private static final int ENHANCE_YOUR_CALM = 11;

    @TempDir static Path folder;
    private static TestDoor door;
    private static String alice;

    @BeforeAll
    static void open() {
        door =
                TestDoor.open(
                        folder,
                        "limits: { head-time: 2s, http2-resets: 50, http2-control-frames: 100 }\n"
                                + "rate-limits: { address: { rate: 50000/s, burst: 50000 } }");
        alice = "cookie: " + door.signIn("alice@example.com");
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @BeforeEach
    void startOver() {
        door.gateway().startOver();
        door.gateway().answers(RecordedGateway.OK);
    }

    // --- heads -------------------------------------------------------------------------------

    static Stream<List<String>> heads() {
        return Stream.of(
                without(":method"),
                without(":scheme"),
                without(":path"),
                with(":scheme", "http"),
                with(":scheme", "HTTPS"),
                with(":path", ""),
                with(":path", "*"),
                with(":method", "get"),
                with(":method", "GET "),
                plus(":method", "GET"),
                plus(":scheme", "https"),
                plus(":path", "/b"),
                plus(":authority", "claw.test"),
                first(":status", "200"),
                first(":x", "y"),
                first(":", "y"),
                first(":Method", "GET"),
                first(":protocol", "websocket"),
                first("accept", "a"), // Before the others, which must be first.
                plus("host", "evil.test"),
                plus("Cookie", "a=1"),
                plus("X-Upper", "a"),
                plus("", "a"),
                plus("a b", "c"),
                plus("a:", "c"),
                plus("a\r\nb", "c"),
                plus("a", "b\r\nx-forwarded-user: root"),
                plus("a", "b\nc"),
                plus("a", "b\rc"),
                plus("a", "b\0c"),
                plus("a", " b"),
                plus("a", "b "),
                plus("a", "\tb"),
                plus("connection", "close"),
                plus("connection", "cookie"),
                plus("keep-alive", "timeout=5"),
                plus("proxy-connection", "close"),
                plus("transfer-encoding", "chunked"),
                plus("transfer-encoding", ""),
                plus("upgrade", "websocket"),
                plus("upgrade", "h2c"),
                plus("http2-settings", "AAMAAABk"),
                plus("te", "gzip"),
                plus("te", "trailers, gzip"),
                plus("te", "Trailers"),
                plus("content-length", "1"),
                plus("content-length", "00"),
                plus("content-length", "0, 0"));
    }

    @ParameterizedTest
    @MethodSource("heads")
    void malformedHead_gets400AndNothingGoesOn(List<String> head) {
        try (var client = door.connectHttp2()) {
            assertThat(client.answer(client.request(true, head)).status()).isEqualTo(400);
            assertThat(client.isClosedByTheDoor()).isTrue();
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    private static List<String> good() {
        return Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, alice);
    }

    private static List<String> without(String name) {
        var head = good();
        int at = head.indexOf(name);
        head.subList(at, at + 2).clear();
        return head;
    }

    private static List<String> with(String name, String value) {
        var head = good();
        head.set(head.indexOf(name) + 1, value);
        return head;
    }

    private static List<String> plus(String name, String value) {
        var head = good();
        head.addAll(List.of(name, value));
        return head;
    }

    private static List<String> first(String name, String value) {
        var head = good();
        head.addAll(0, List.of(name, value));
        return head;
    }

    // --- bodies ------------------------------------------------------------------------------

    static Stream<Arguments> bodies() {
        return Stream.of(
                Arguments.of("5", List.of("vwx"), true), // Too short.
                Arguments.of("5", List.of("vwxyzz"), true), // Too long.
                Arguments.of("5", List.of("vwx", "yz0"), false), // Too long, and not at its end.
                Arguments.of("0", List.of("a"), true),
                Arguments.of("5", List.of(""), true));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void bodyOfAnotherLength_isNeverAWholeRequest(String length, List<String> pieces, boolean end) {
        try (var client = door.connectHttp2()) {
            int stream = client.request(false, post("content-length: " + length));
            for (int i = 0; i < pieces.size(); i++) {
                client.data(stream, end && i == pieces.size() - 1, pieces.get(i));
            }
            assertThat(client.answer(stream).status()).isEqualTo(400);
        }
        assertThat(door.gateway().bytes()).doesNotContain("vwxyz");
    }

    @ParameterizedTest
    @ValueSource(strings = {":path: /b", "X-Upper: a", "a b: c", "transfer-encoding: chunked"})
    void malformedTrailers_abortTheRequest(String trailer) {
        int colon = trailer.indexOf(": ");
        var field = List.of(trailer.substring(0, colon), trailer.substring(colon + 2));
        try (var client = door.connectHttp2()) {
            int stream = client.request(false, post(""));
            client.data(stream, false, "vwx");
            client.head(stream, true, Http2Client.block(field));
            assertThat(client.answer(stream).status()).isEqualTo(400);
        }
        assertThat(door.gateway().bytes()).doesNotContain("0\r\n\r\n");
    }

    private static List<String> post(String fields) {
        var ours = alice + "\r\norigin: https://claw.test\r\n";
        return Http2Text.head("POST /a HTTP/1.1", TestDoor.HOST, ours + fields);
    }

    // --- floods ------------------------------------------------------------------------------

    static Stream<Arguments> floods() {
        return Stream.of(
                Arguments.of("PING", Http2Client.bytes(PING, 0, 0, new byte[8])),
                Arguments.of("PING answers", Http2Client.bytes(PING, 1, 0, new byte[8])),
                Arguments.of("SETTINGS", Http2Client.bytes(SETTINGS, 0, 0, new byte[0])),
                Arguments.of("PRIORITY", Http2Client.bytes(PRIORITY, 0, 1001, prioritize())),
                Arguments.of("window", Http2Client.bytes(WINDOW_UPDATE, 0, 0, one())),
                Arguments.of("unknown", Http2Client.bytes(0x42, 0, 0, new byte[3])));
    }

    private static byte[] prioritize() {
        return new byte[] {0, 0, 0, 0, 16};
    }

    private static byte[] one() {
        return new byte[] {0, 0, 0, 1};
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void idleFrames_areEnoughAtSomeTime(String name, byte[] frame) {
        try (var client = door.connectHttp2()) {
            flood(client, frame, 500);
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            assertThat(client.isClosedByTheDoor()).isTrue();
        }
    }

    @Test
    void fewIdleFrames_areNothing() {
        try (var client = door.connectHttp2()) {
            flood(client, Http2Client.bytes(PING, 0, 0, new byte[8]), 50);
            assertThat(client.answer(client.request(true, good())).status()).isEqualTo(200);
        }
    }

    private static void flood(Http2Client client, byte[] frame, int count) {
        var many = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            many.writeBytes(frame);
        }
        try {
            client.raw(many.toByteArray());
        } catch (UncheckedIOException closed) {
            // It had enough before it had all.
        }
    }

    @Test
    void resetsOfTheClient_endTheConnection() {
        var never = new CountDownLatch(1);
        door.gateway()
                .answers((_, _) -> {
                    await(never);
                    return false;
                });
        try (var client = door.connectHttp2()) {
            var block = Http2Client.block(good());
            var many = new ByteArrayOutputStream();
            for (int stream = 1; stream < 2 * 60; stream += 2) {
                int flags = END_STREAM | END_HEADERS;
                many.writeBytes(Http2Client.bytes(HEADERS, flags, stream, block));
                many.writeBytes(Http2Client.bytes(RST_STREAM, 0, stream, new byte[4]));
            }
            client.raw(many.toByteArray());
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            assertThat(client.isClosedByTheDoor()).isTrue();
        } finally {
            never.countDown();
        }
        assertThat(door.gateway().heads().size()).isLessThanOrEqualTo(51);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void resetsThatTheClientMakesUsSend_countAlike() {
        double before = resetFloods();
        try (var client = door.connectHttp2()) {
            var block = Http2Client.block(post(""));
            var many = new ByteArrayOutputStream();
            for (int stream = 1; stream < 2 * 60; stream += 2) {
                many.writeBytes(Http2Client.bytes(HEADERS, END_HEADERS, stream, block));
                many.writeBytes(Http2Client.bytes(WINDOW_UPDATE, 0, stream, new byte[4]));
            }
            client.raw(many.toByteArray());
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            assertThat(client.isClosedByTheDoor()).isTrue();
        }
        assertThat(resetFloods() - before).as("what followed was not read").isEqualTo(1);
    }

    private static double resetFloods() {
        return door.portcullis()
                .meters()
                .scrape()
                .lines()
                .filter(line -> line.contains("_limit_reached_total{limit=\"http2-resets\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void streamsBeyondTheLimit_areRefusedAndNotForwarded(@TempDir Path own) {
        try (var narrow = TestDoor.open(own, "limits: { http2-streams: 2 }")) {
            var cookie = "cookie: " + narrow.signIn("alice@example.com");
            narrow.gateway().answers((_, connection) -> connection.getInputStream().read() >= 0);
            try (var client = narrow.connectHttp2()) {
                var head = Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, cookie);
                client.request(true, head);
                client.request(true, head);
                var third = client.answer(client.request(true, head));
                assertThat(third.reset()).as("REFUSED_STREAM").isEqualTo(7);
            }
            assertThat(narrow.gateway().heads().size()).isLessThanOrEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void endlessContinuations_endTheConnection(int length) {
        try (var client = door.connectHttp2()) {
            client.frame(HEADERS, END_STREAM, 1, new byte[0]);
            flood(client, Http2Client.bytes(CONTINUATION, 0, 1, new byte[length]), 500);
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
        }
    }

    @Test
    void endlessFieldBlock_endsTheConnectionAndIsWrittenDownAsThat(@TempDir Path own)
            throws IOException {
        try (var alone = TestDoor.open(own)) {
            try (var client = alone.connectHttp2()) {
                client.frame(HEADERS, END_STREAM, 1, new byte[16 * 1024]);
                flood(client, Http2Client.bytes(CONTINUATION, 0, 1, new byte[16 * 1024]), 4);
                assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            }
            assertThat(alone.portcullis().meters().scrape())
                    .contains("portcullis_limit_reached_total{limit=\"head\"} 1.0");
            assertThat(alone.gateway().bytes()).isEmpty();
        }
        assertThat(Files.readAllLines(own.resolve("audit/audit.jsonl")))
                .filteredOn(line -> line.contains("\"reason\":\"head-too-large\""))
                .singleElement()
                .asString()
                .contains("\"verdict\":\"deny\"")
                .doesNotContain("status"); // It gets GOAWAY, and no answer.
    }

    /** A field put into the table once, and named as often as the block is long (CVE-2016-1544). */
    @Test
    void hpackBomb_isNotUnpacked() {
        try (var client = door.connectHttp2()) {
            var block = new ByteArrayOutputStream();
            block.writeBytes(Http2Client.block(good()));
            block.write(0x40); // Literal, to be remembered.
            var field = Http2Client.block(List.of("x", "a".repeat(4000)));
            block.write(field, 1, field.length - 1);
            for (int i = 0; i < 10_000; i++) {
                block.write(0xBE); // The newest of the table.
            }
            int stream = client.newStream();
            client.head(stream, true, block.toByteArray());
            var answer = client.answer(stream);
            assertThat(answer.status()).isEqualTo(431);
            assertThat(answer.fields()).contains("strict-transport-security: max-age=31536000");
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void emptyData_isEnoughAtSomeTime() {
        try (var client = door.connectHttp2()) {
            int stream = client.request(false, post(""));
            flood(client, Http2Client.bytes(DATA, 0, stream, new byte[0]), 500);
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
        }
        assertThat(door.gateway().bytes()).doesNotContain("0\r\n\r\n");
    }

    @Test
    void bytesBeyondTheWindow_areNotTaken() {
        try (var narrow = TestDoor.open(sub("window"), "limits: { http2-window: 16KiB }")) {
            var cookie = "cookie: " + narrow.signIn("alice@example.com");
            try (var client = narrow.connectHttp2()) {
                client.frame(SETTINGS, 1, 0, new byte[0]); // From now on the window is ours.
                var head = Http2Text.head("POST /_portcullis/me HTTP/1.1", TestDoor.HOST, cookie);
                int stream = client.request(false, head);
                client.data(stream, false, "x".repeat(16 * 1024));
                client.data(stream, false, "x".repeat(16 * 1024));
                assertThat(client.await(Http2Client.Frame::ends)).isNotNull();
            }
        }
    }

    private static Path sub(String name) {
        try {
            return java.nio.file.Files.createDirectory(folder.resolve(name));
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void headThatNeverEnds_isCutInTime() {
        try (var client = door.connectHttp2()) {
            client.frame(HEADERS, END_STREAM, 1, Arrays.copyOf(Http2Client.block(good()), 20));
            assertThat(client.isClosedByTheDoor()).isTrue();
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void trailersThatAreNoEnd_areMalformed() {
        try (var client = door.connectHttp2()) {
            int stream = client.request(false, post(""));
            client.head(stream, false, Http2Client.block(List.of("x", "y")));
            assertThat(client.answer(stream).reset()).isEqualTo(1);
        }
        assertThat(door.gateway().bytes()).doesNotContain("0\r\n\r\n");
    }

    @Test
    void requestAfterTheClientsGoodbye_isNotForwarded(@TempDir Path own) {
        try (var alone = TestDoor.open(own)) {
            var cookie = "cookie: " + alone.signIn("alice@example.com");
            var head = Http2Text.head("POST /a HTTP/1.1", TestDoor.HOST, cookie);
            try (var client = alone.connectHttp2()) {
                var both = new ByteArrayOutputStream();
                both.writeBytes(Http2Client.bytes(Http2Client.GOAWAY, 0, 0, new byte[8]));
                both.writeBytes(Http2Client.bytes(HEADERS, 5, 1, Http2Client.block(head)));
                client.raw(both.toByteArray());
                assertThat(client.goAway()).isZero();
                assertThat(client.isClosedByTheDoor()).isTrue();
            }
            assertThat(alone.gateway().bytes()).isEmpty();
        }
    }

    @Test
    void priorKnowledgeOverHttp1_isNotHttp2() {
        var answer = door.exchange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400 ");
    }
}
