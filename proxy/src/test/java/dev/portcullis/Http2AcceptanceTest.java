package dev.portcullis;

import static dev.portcullis.testing.Http2Client.DATA;
import static dev.portcullis.testing.Http2Client.GOAWAY;
import static dev.portcullis.testing.Http2Client.HEADERS;
import static dev.portcullis.testing.Http2Client.PING;
import static dev.portcullis.testing.Http2Client.SETTINGS;
import static dev.portcullis.testing.Http2Client.bytes;
import static dev.portcullis.testing.Http2Frames.PADDED;
import static dev.portcullis.testing.Http2Frames.PRIORITY_FLAG;
import static dev.portcullis.testing.Http2Frames.all;
import static dev.portcullis.testing.Http2Frames.continuation;
import static dev.portcullis.testing.Http2Frames.data;
import static dev.portcullis.testing.Http2Frames.dependency;
import static dev.portcullis.testing.Http2Frames.headers;
import static dev.portcullis.testing.Http2Frames.parameter;
import static dev.portcullis.testing.Http2Frames.priority;
import static dev.portcullis.testing.Http2Frames.setting;
import static dev.portcullis.testing.Http2Frames.window;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
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

/** What RFC 9113 and RFC 7541 allow a client to say, however odd. */
class Http2AcceptanceTest {
    @TempDir static Path folder;
    private static TestDoor door;
    private static byte[] get;
    private static byte[] head;
    private static byte[] post;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder, "rate-limits: { address: { rate: 50000/s, burst: 50000 } }");
        var alice = "cookie: " + door.signIn("alice@example.com") + "\r\n";
        get = block("GET", alice);
        head = block("HEAD", alice);
        post = block("POST", alice + "origin: https://claw.test\r\n");
    }

    private static byte[] block(String method, String fields) {
        var line = method + " /a HTTP/1.1";
        return Http2Client.block(Http2Text.head(line, TestDoor.HOST, fields));
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @BeforeEach
    void startOver() {
        door.gateway().startOver();
    }

    // --- frames ------------------------------------------------------------------------------

    static Stream<Arguments> requests() {
        var begin = Arrays.copyOf(get, 5);
        var middle = Arrays.copyOfRange(get, 5, 10);
        var end = Arrays.copyOfRange(get, 10, get.length);
        var padded = all(new byte[] {8}, get, new byte[8]);
        var paddedData = all(new byte[] {6}, new byte[10]);
        var trailers = headers(1, true, Http2Client.block(List.of("x-test", "ok")));
        return Stream.of(
                arguments("GET", headers(1, true, get)),
                arguments("HEAD", headers(1, true, head)),
                arguments("POST", all(headers(1, false, post), data(1, true, 4))),
                arguments(
                        "two DATA",
                        all(headers(1, false, post), data(1, false, 4), data(1, true, 4))),
                arguments("largest DATA", all(headers(1, false, post), data(1, true, 16_384))),
                arguments(
                        "padded DATA", all(headers(1, false, post), bytes(DATA, 9, 1, paddedData))),
                arguments("trailers", all(headers(1, false, post), data(1, false, 4), trailers)),
                arguments("padded HEADERS", bytes(HEADERS, 5 | PADDED, 1, padded)),
                arguments(
                        "priority in HEADERS",
                        bytes(HEADERS, 5 | PRIORITY_FLAG, 1, all(dependency(3), get))),
                arguments("PRIORITY before", all(priority(1, 0), headers(1, true, get))),
                arguments("exclusive PRIORITY", all(priority(1, 1 << 31), headers(1, true, get))),
                arguments("PRIORITY of a later one", all(priority(3, 1), headers(1, true, get))),
                arguments(
                        "two pieces",
                        all(bytes(HEADERS, 1, 1, begin), continuation(1, true, rest(5)))),
                arguments(
                        "three pieces",
                        all(
                                bytes(HEADERS, 1, 1, begin),
                                continuation(1, false, middle),
                                continuation(1, true, end))),
                arguments("window of a stream", all(headers(1, true, get), window(1, 1))),
                arguments("window of all", all(window(0, 1), headers(1, true, get))),
                arguments("unknown flags", bytes(HEADERS, 5 | 0xD2, 1, get)),
                arguments("reserved bit", bytes(HEADERS, 5, 1 | 1 << 31, get)),
                arguments(
                        "unknown frame",
                        all(bytes(0x16, 0, 0, new byte[8]), headers(1, true, get))),
                arguments("unknown setting", all(setting(0xFF, 1), headers(1, true, get))),
                arguments(
                        "all settings",
                        all(bytes(SETTINGS, 0, 0, settings()), headers(1, true, get))));
    }

    private static byte[] rest(int from) {
        return Arrays.copyOfRange(get, from, get.length);
    }

    private static byte[] settings() {
        return all(
                parameter(1, 4096),
                parameter(2, 1),
                parameter(3, 100),
                parameter(4, 65_535),
                parameter(5, 16_384),
                parameter(6, 16_384));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void requestInAnyForm_isAnswered(String name, byte[] frames) {
        try (var client = door.connectHttp2()) {
            client.raw(frames);
            var answer = client.answer(1);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.reset()).isEqualTo(-1);
        }
        assertThat(door.gateway().heads()).hasSize(1);
    }

    @Test
    void settings_comeFirstAndAreAcknowledged() {
        try (var client = door.connectHttp2()) {
            assertThat(client.settings().type()).isEqualTo(SETTINGS);
            var next = client.settings();
            while (next.type() != SETTINGS) {
                next = client.settings();
            }
            assertThat(next.flags()).as("ACK").isEqualTo(1);
            assertThat(next.payload()).isEmpty();
        }
    }

    @Test
    void pings_areAnsweredAndTheirAnswersAreNot() {
        try (var client = door.connectHttp2()) {
            client.frame(PING, 1, 0, Http2Client.opaque("unwanted"));
            client.frame(PING, 0x16, 0, Http2Client.opaque("question")); // Flags nobody knows.
            var answer = client.await(f -> f.type() == PING);
            assertThat(answer.flags()).isEqualTo(1);
            assertThat(answer.payload()).isEqualTo(Http2Client.opaque("question"));
        }
    }

    @Test
    void goodbyeWithAnUnknownError_isAGoodbye() {
        try (var client = door.connectHttp2()) {
            client.frame(GOAWAY, 0, 0, new byte[] {0, 0, 0, 0, 9, 9, 9, 9});
            assertThat(client.goAway()).isZero();
            assertThat(client.isClosedByTheDoor()).isTrue();
        }
    }

    // --- field blocks (RFC 7541) -------------------------------------------------------------

    static Stream<Arguments> representations() {
        return Stream.of(
                arguments("indexed", "90", "accept-encoding: gzip, deflate"),
                arguments(
                        "indexed name, remembered",
                        "58 08 6e6f2d6361636865",
                        "cache-control: no-cache"),
                arguments("indexed name, Huffman", "58 86 a8eb10649cbf", "cache-control: no-cache"),
                arguments("indexed name, not remembered", "0f09 0161", "cache-control: a"),
                arguments("indexed name, never", "1f09 0161", "cache-control: a"),
                arguments("new name, remembered", "40 06 616363657074 0161", "accept: a"),
                arguments("new name, not remembered", "00 06 616363657074 0161", "accept: a"),
                arguments("new name, never", "10 06 616363657074 0161", "accept: a"),
                arguments("new name, Huffman", "00 84 19085ad3 8167", "accept: 3"),
                arguments("from the table", "58 0161 be", "cache-control: a"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("representations")
    void fieldInAnyRepresentation_isRead(String name, String field, String read) {
        try (var client = door.connectHttp2()) {
            client.raw(headers(1, true, all(get, hex(field))));
            assertThat(client.answer(1).status()).isEqualTo(200);
        }
        assertThat(door.gateway().heads().getFirst()).contains(read);
    }

    @ParameterizedTest
    @ValueSource(strings = {"20", "3fe11f", "20 3fe11f"})
    void tableOfAnotherSize_isAccepted(String update) {
        try (var client = door.connectHttp2()) {
            client.raw(headers(1, true, all(hex(update), get)));
            assertThat(client.answer(1).status()).isEqualTo(200);
        }
    }

    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes.replace(" ", ""));
    }
}
