package dev.portcullis;

import static dev.portcullis.testing.Http2Client.GOAWAY;
import static dev.portcullis.testing.Http2Client.HEADERS;
import static dev.portcullis.testing.Http2Client.PING;
import static dev.portcullis.testing.Http2Client.RST_STREAM;
import static dev.portcullis.testing.Http2Client.SETTINGS;
import static dev.portcullis.testing.Http2Client.bytes;
import static dev.portcullis.testing.Http2Frames.COMPRESSION_ERROR;
import static dev.portcullis.testing.Http2Frames.FLOW_CONTROL_ERROR;
import static dev.portcullis.testing.Http2Frames.FRAME_SIZE_ERROR;
import static dev.portcullis.testing.Http2Frames.MOST;
import static dev.portcullis.testing.Http2Frames.PADDED;
import static dev.portcullis.testing.Http2Frames.PRIORITY_FLAG;
import static dev.portcullis.testing.Http2Frames.PROTOCOL_ERROR;
import static dev.portcullis.testing.Http2Frames.all;
import static dev.portcullis.testing.Http2Frames.continuation;
import static dev.portcullis.testing.Http2Frames.data;
import static dev.portcullis.testing.Http2Frames.dependency;
import static dev.portcullis.testing.Http2Frames.headers;
import static dev.portcullis.testing.Http2Frames.priority;
import static dev.portcullis.testing.Http2Frames.reset;
import static dev.portcullis.testing.Http2Frames.setting;
import static dev.portcullis.testing.Http2Frames.window;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RawClient;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frames and field blocks that are wrong whatever the state of a stream (RFC 9113 §4, §6; RFC
 * 7541). GOAWAY names no stream, for none was begun (§6.8).
 */
class Http2ConformanceTest {
    private static final int UNKNOWN = 0x16;

    @TempDir static Path folder;
    private static TestDoor door;
    private static byte[] get;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder, "rate-limits: { address: { rate: 50000/s, burst: 50000 } }");
        var alice = "cookie: " + door.signIn("alice@example.com");
        get = Http2Client.block(Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, alice));
    }

    @AfterAll
    static void close() {
        door.close();
    }

    // --- frames -----------------------------------------------------------------------------

    static Stream<Arguments> frames() {
        var padded = all(new byte[] {17}, new byte[16]);
        return Stream.of(
                arguments("DATA on stream 0", PROTOCOL_ERROR, data(0, true, 4)),
                arguments("HEADERS on stream 0", PROTOCOL_ERROR, headers(0, true, get)),
                arguments("PRIORITY on stream 0", PROTOCOL_ERROR, priority(0, 3)),
                arguments("RST_STREAM on stream 0", PROTOCOL_ERROR, reset(0)),
                arguments(
                        "SETTINGS on stream 1", PROTOCOL_ERROR, bytes(SETTINGS, 0, 1, new byte[6])),
                arguments("PING on stream 3", PROTOCOL_ERROR, bytes(PING, 0, 3, new byte[8])),
                arguments("GOAWAY on stream 1", PROTOCOL_ERROR, bytes(GOAWAY, 0, 1, new byte[8])),
                arguments("CONTINUATION on stream 0", PROTOCOL_ERROR, continuation(0, true, get)),
                arguments("HEADERS on an even stream", PROTOCOL_ERROR, headers(2, true, get)),
                arguments("DATA on an even stream", PROTOCOL_ERROR, data(2, true, 4)),
                arguments("WINDOW_UPDATE on an even stream", PROTOCOL_ERROR, window(2, 1)),
                arguments("RST_STREAM on an even stream", PROTOCOL_ERROR, reset(2)),
                arguments("window of nothing", PROTOCOL_ERROR, window(0, 0)),
                arguments("window too large", FLOW_CONTROL_ERROR, window(0, MOST)),
                arguments("DATA too long", FRAME_SIZE_ERROR, data(1, true, 16_385)),
                arguments("HEADERS too long", FRAME_SIZE_ERROR, headers(1, true, new byte[16_385])),
                arguments(
                        "SETTINGS of 5 bytes",
                        FRAME_SIZE_ERROR,
                        bytes(SETTINGS, 0, 0, new byte[5])),
                arguments(
                        "SETTINGS ACK that says",
                        FRAME_SIZE_ERROR,
                        bytes(SETTINGS, 1, 0, new byte[6])),
                arguments("PING of 6 bytes", FRAME_SIZE_ERROR, bytes(PING, 0, 0, new byte[6])),
                arguments("GOAWAY of 7 bytes", FRAME_SIZE_ERROR, bytes(GOAWAY, 0, 0, new byte[7])),
                arguments("padding", PROTOCOL_ERROR, bytes(HEADERS, 4 | PADDED, 1, padded)),
                arguments("HEADERS on itself", PROTOCOL_ERROR, prioritized(1)),
                arguments("push of 2", PROTOCOL_ERROR, setting(2, 2)),
                arguments("window of 2^31", FLOW_CONTROL_ERROR, setting(4, 1L << 31)),
                arguments("frames of 2^14 - 1", PROTOCOL_ERROR, setting(5, (1 << 14) - 1)),
                arguments("frames of 2^24", PROTOCOL_ERROR, setting(5, 1 << 24)));
    }

    /** Nothing may come between the pieces of a field block (§4.3, §5.5, §6.2, §6.10). */
    static Stream<Arguments> betweenPieces() {
        var begin = bytes(HEADERS, 0, 1, get);
        var more = continuation(1, false, new byte[0]);
        var end = continuation(1, true, new byte[0]);
        return Stream.of(
                arguments("PRIORITY", PROTOCOL_ERROR, all(begin, priority(1, 0), end)),
                arguments(
                        "another HEADERS", PROTOCOL_ERROR, all(begin, headers(3, true, get), end)),
                arguments("unknown", PROTOCOL_ERROR, all(begin, bytes(UNKNOWN, 0, 0, new byte[8]))),
                arguments("DATA", PROTOCOL_ERROR, all(begin, more, data(1, true, 4))),
                arguments("PING", PROTOCOL_ERROR, all(begin, bytes(PING, 0, 0, new byte[8]))),
                arguments(
                        "of another",
                        PROTOCOL_ERROR,
                        all(begin, continuation(3, true, new byte[0]))),
                arguments(
                        "of stream 0",
                        PROTOCOL_ERROR,
                        all(begin, continuation(0, true, new byte[0]))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"frames", "betweenPieces"})
    void brokenFrame_endsTheConnection(String name, int error, byte[] frames) {
        try (var client = door.connectHttp2()) {
            client.raw(frames);
            assertConnectionError(client, error);
        }
    }

    private static byte[] prioritized(int on) {
        return bytes(HEADERS, 5 | PRIORITY_FLAG, 1, all(dependency(on), get));
    }

    // --- field blocks ------------------------------------------------------------------------

    static Stream<Arguments> brokenBlocks() {
        return Stream.of(
                arguments("index 0", "", "80"),
                arguments("an index beyond the tables", "", "fe"),
                arguments("a name beyond the tables", "", "7e 0161"),
                arguments("an index beyond any number", "", "ffffffffffffffffff7f"),
                arguments("a field without its name", "", "40"),
                arguments("a name longer than the block", "", "00 0a 6161"),
                arguments("a value longer than the block", "", "00 0161 0a 61"),
                arguments("padding of a byte and more", "", "58 87 a8eb10649cbf ff"),
                arguments("padding of other bits", "", "58 86 a8eb10649cbe"),
                arguments("an end of string within", "", "58 87 ffffffff 19085a"),
                arguments("a table too large", "3fe21f", ""),
                arguments("a table's size at the end", "", "21"),
                arguments("a table's size within", "", "90 20 90"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenBlocks")
    void brokenBlock_endsTheConnection(String name, String before, String after) {
        try (var client = door.connectHttp2()) {
            client.raw(headers(1, true, all(hex(before), get, hex(after))));
            assertConnectionError(client, COMPRESSION_ERROR);
        }
    }

    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes.replace(" ", ""));
    }

    private static void assertConnectionError(Http2Client client, int error) {
        var end = client.await(f -> f.type() == GOAWAY || f.type() == RST_STREAM);
        assertThat(end).as("before the door closes").isNotNull();
        assertThat(end.type()).as("GOAWAY").isEqualTo(GOAWAY);
        assertThat(end.error()).as("error code").isEqualTo(error);
        assertThat(end.lastStream()).as("last stream").isZero();
        assertThat(client.isClosedByTheDoor()).isTrue();
        assertThat(door.gateway().heads()).isEmpty();
    }

    // --- the preface -------------------------------------------------------------------------

    static Stream<Arguments> prefaces() {
        var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1);
        return Stream.of(
                arguments("another", "INVALID CONNECTION PREFACE\r\n\r\n".getBytes(ISO_8859_1)),
                arguments(
                        "HTTP/1.1",
                        "GET / HTTP/1.1\r\nHost: claw.test\r\n\r\n".getBytes(ISO_8859_1)),
                arguments("PING first", all(preface, bytes(PING, 0, 0, new byte[8]))),
                arguments("ACK first", all(preface, bytes(SETTINGS, 1, 0, new byte[0]))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("prefaces")
    void brokenPreface_endsTheConnection(String name, byte[] preface) {
        var address = door.portcullis().address();
        try (var client = new RawClient(address, TestDoor.HOST, List.of("h2"))) {
            client.send(preface);
            // GOAWAY (type 7) of PROTOCOL_ERROR; RFC 9113 §3.4 lets its last stream be anything.
            assertThat(client.readToEnd())
                    .containsPattern("\u0007\u0000\u0000{4}.{4}\u0000\u0000\u0000\u0001")
                    .doesNotContain("\u0000\u0000\u0008\u0006\u0001");
        }
        assertThat(door.gateway().heads()).isEmpty();
    }
}
