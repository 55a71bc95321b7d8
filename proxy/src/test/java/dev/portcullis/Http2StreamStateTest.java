package dev.portcullis;

import static dev.portcullis.testing.Http2Client.DATA;
import static dev.portcullis.testing.Http2Client.GOAWAY;
import static dev.portcullis.testing.Http2Client.PING;
import static dev.portcullis.testing.Http2Client.PRIORITY;
import static dev.portcullis.testing.Http2Client.RST_STREAM;
import static dev.portcullis.testing.Http2Client.WINDOW_UPDATE;
import static dev.portcullis.testing.Http2Client.bytes;
import static dev.portcullis.testing.Http2Frames.FLOW_CONTROL_ERROR;
import static dev.portcullis.testing.Http2Frames.FRAME_SIZE_ERROR;
import static dev.portcullis.testing.Http2Frames.MOST;
import static dev.portcullis.testing.Http2Frames.PADDED;
import static dev.portcullis.testing.Http2Frames.PROTOCOL_ERROR;
import static dev.portcullis.testing.Http2Frames.STREAM_CLOSED;
import static dev.portcullis.testing.Http2Frames.all;
import static dev.portcullis.testing.Http2Frames.continuation;
import static dev.portcullis.testing.Http2Frames.data;
import static dev.portcullis.testing.Http2Frames.headers;
import static dev.portcullis.testing.Http2Frames.priority;
import static dev.portcullis.testing.Http2Frames.reset;
import static dev.portcullis.testing.Http2Frames.setting;
import static dev.portcullis.testing.Http2Frames.window;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of each frame in each state of a stream (RFC 9113 §5.1). GOAWAY names the last
 * stream that was begun (§6.8).
 */
class Http2StreamStateTest {
    private static final int UNKNOWN = 0x16;
    private static final int PUSH_PROMISE = 5;
    private static final int STREAM = 5;

    @TempDir static Path folder;
    private static TestDoor door;
    private static byte[] get;

    @BeforeAll
    static void open() {
        door =
                TestDoor.open(
                        folder,
                        "limits: { http2-streams: 2 }\n"
                                + "rate-limits: { address: { rate: 50000/s, burst: 50000 },"
                                + " user: { rate: 50000/s, burst: 50000 } }");
        var alice = "cookie: " + door.signIn("alice@example.com");
        get = Http2Client.block(Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, alice));
    }

    @AfterAll
    static void close() {
        door.close();
    }

    // --- states of a stream (§5.1) -----------------------------------------------------------

    /** How stream 5 comes into each state, and what is the last stream that was begun then. */
    enum State {
        IDLE(0),
        OPEN(STREAM),
        HALF_CLOSED(STREAM),
        CLOSED(STREAM),
        RESET_BY_THE_CLIENT(STREAM),
        RESET_BY_THE_DOOR(STREAM),
        REFUSED(3),
        PASSED_OVER(7);

        private final int last;

        State(int last) {
            this.last = last;
        }

        /** What is to be sent right before the frame. */
        private byte[] enter(Http2Client client) {
            switch (this) {
                case CLOSED -> answered(client, STREAM);
                case PASSED_OVER -> answered(client, 7);
                case RESET_BY_THE_DOOR -> {
                    var nobody = Http2Text.head("POST /a HTTP/1.1", TestDoor.HOST, "");
                    client.raw(headers(STREAM, false, Http2Client.block(nobody)));
                    assertReset(client, 0); // After its 401.
                }
                case REFUSED -> {
                    client.raw(all(headers(1, false, get), headers(3, false, get)));
                    client.raw(headers(STREAM, false, get));
                    assertReset(client, 7);
                }
                default -> {} // In one piece with the frame.
            }
            return switch (this) {
                case OPEN -> headers(STREAM, false, get);
                case HALF_CLOSED -> headers(STREAM, true, get);
                case RESET_BY_THE_CLIENT -> all(headers(STREAM, false, get), reset(STREAM));
                default -> new byte[0];
            };
        }
    }

    private static void answered(Http2Client client, int stream) {
        client.raw(headers(stream, true, get));
        assertThat(client.answer(stream).status()).isEqualTo(200);
    }

    enum Outcome {
        CONNECTION_ERROR,
        STREAM_ERROR,
        NOTHING
    }

    static Stream<Arguments> idle() {
        return Stream.of(
                fatal(State.IDLE, "DATA", PROTOCOL_ERROR, data(STREAM, true, 4)),
                fatal(State.IDLE, "RST_STREAM", PROTOCOL_ERROR, reset(STREAM)),
                fatal(State.IDLE, "WINDOW_UPDATE", PROTOCOL_ERROR, window(STREAM, 100)),
                fatal(State.IDLE, "WINDOW_UPDATE of 0", PROTOCOL_ERROR, window(STREAM, 0)),
                fatal(State.IDLE, "PRIORITY on itself", PROTOCOL_ERROR, priority(STREAM, STREAM)),
                fatal(State.IDLE, "short PRIORITY", FRAME_SIZE_ERROR, frame(PRIORITY, 0, 4)),
                fatal(State.IDLE, "DATA, no padding", FRAME_SIZE_ERROR, frame(DATA, PADDED, 0)),
                nothing(State.IDLE, "PRIORITY", priority(STREAM, 0)),
                nothing(State.IDLE, "unknown", frame(UNKNOWN, 0, 8)));
    }

    static Stream<Arguments> begun() {
        return Stream.of(
                error(State.OPEN, "WINDOW_UPDATE of 0", PROTOCOL_ERROR, window(STREAM, 0)),
                error(State.OPEN, "window too large", FLOW_CONTROL_ERROR, window(STREAM, MOST)),
                error(State.OPEN, "PRIORITY on itself", PROTOCOL_ERROR, priority(STREAM, STREAM)),
                error(State.OPEN, "short PRIORITY", FRAME_SIZE_ERROR, frame(PRIORITY, 0, 4)),
                error(State.OPEN, "DATA, no padding", FRAME_SIZE_ERROR, frame(DATA, PADDED, 0)),
                error(State.OPEN, "trailers, no end", PROTOCOL_ERROR, trailers(false)),
                fatal(State.OPEN, "short RST_STREAM", FRAME_SIZE_ERROR, frame(RST_STREAM, 0, 3)),
                fatal(State.OPEN, "short window", FRAME_SIZE_ERROR, frame(WINDOW_UPDATE, 0, 3)),
                fatal(State.OPEN, "PUSH_PROMISE", PROTOCOL_ERROR, frame(PUSH_PROMISE, 4, 4)),
                fatal(
                        State.OPEN,
                        "all windows too large", // §6.9.2.
                        FLOW_CONTROL_ERROR,
                        all(window(STREAM, MOST - 65_535), setting(4, 65_536))),
                nothing(
                        State.OPEN,
                        "unknown error",
                        bytes(RST_STREAM, 0, STREAM, new byte[] {9, 9, 9, 9})),
                nothing(State.OPEN, "RST_STREAM", reset(STREAM)));
    }

    static Stream<Arguments> ended() {
        return Stream.of(
                error(State.HALF_CLOSED, "DATA", STREAM_CLOSED, data(STREAM, true, 4)),
                error(State.HALF_CLOSED, "HEADERS", STREAM_CLOSED, headers(STREAM, true, get)),
                fatal(State.CLOSED, "DATA", STREAM_CLOSED, data(STREAM, true, 4)),
                fatal(State.CLOSED, "HEADERS", STREAM_CLOSED, headers(STREAM, true, get)),
                fatal(State.CLOSED, "WINDOW_UPDATE of 0", PROTOCOL_ERROR, window(STREAM, 0)),
                error(State.RESET_BY_THE_CLIENT, "DATA", STREAM_CLOSED, data(STREAM, true, 4)),
                error(State.RESET_BY_THE_CLIENT, "HEADERS", STREAM_CLOSED, trailers(true)),
                fatal(State.PASSED_OVER, "DATA", STREAM_CLOSED, data(STREAM, true, 4)),
                fatal(State.PASSED_OVER, "HEADERS", PROTOCOL_ERROR, headers(STREAM, true, get)));
    }

    /** What was on its way when the door reset a stream is no error (§5.1, closed). */
    static Stream<Arguments> late() {
        return Stream.of(State.RESET_BY_THE_DOOR, State.REFUSED)
                .flatMap(state ->
                        Stream.of(
                                nothing(state, "DATA", data(STREAM, false, 4)),
                                nothing(state, "trailers", trailers(true)),
                                nothing(state, "RST_STREAM", reset(STREAM))));
    }

    /** A short time after the end of a stream these may come, and at any time PRIORITY (§5.1). */
    static Stream<Arguments> afterTheEnd() {
        return Stream.of(State.values())
                .filter(state -> state != State.IDLE && state != State.OPEN)
                .flatMap(state ->
                        Stream.of(
                                nothing(state, "WINDOW_UPDATE", window(STREAM, 1)),
                                nothing(state, "PRIORITY", priority(STREAM, 0)),
                                nothing(state, "RST_STREAM", reset(STREAM))));
    }

    static Stream<Arguments> continuations() {
        var frame = continuation(STREAM, true, new byte[0]);
        return Stream.of(State.values())
                .map(state -> fatal(state, "CONTINUATION", PROTOCOL_ERROR, frame));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource({"idle", "begun", "ended", "late", "afterTheEnd", "continuations"})
    void frameInAState(State state, String name, Outcome outcome, int error, byte[] frame) {
        try (var client = door.connectHttp2()) {
            var before = state.enter(client);
            client.raw(all(before, frame, bytes(PING, 0, 0, new byte[8])));
            switch (outcome) {
                case CONNECTION_ERROR -> assertConnectionError(client, error, state.last);
                case STREAM_ERROR -> {
                    assertReset(client, error);
                    assertStillServed(client);
                }
                case NOTHING -> assertStillServed(client);
            }
        }
    }

    @Test
    void lateFramesOfAStreamThatLastedLong_areNoErrorToo() {
        try (var client = door.connectHttp2()) {
            client.raw(headers(STREAM, false, get));
            for (int stream = STREAM + 2; stream < 2_000; stream += 2) {
                answered(client, stream);
            }
            client.raw(window(STREAM, 0));
            assertReset(client, PROTOCOL_ERROR);
            client.raw(all(data(STREAM, true, 4), bytes(PING, 0, 0, new byte[8])));
            assertStillServed(client);
        }
    }

    static Stream<Arguments> floods() {
        return Stream.of(
                arguments("small DATA", 1_200, data(STREAM, false, 1)),
                arguments("trailers", 200, trailers(false)),
                arguments("PRIORITY of 4 bytes", 200, frame(2, 0, 4)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void lateFrames_areEnoughAtSomeTime(String name, int enough, byte[] frame) {
        try (var client = door.connectHttp2()) {
            client.raw(all(headers(STREAM, false, get), window(STREAM, 0)));
            assertReset(client, PROTOCOL_ERROR);
            client.raw(all(Collections.nCopies(enough, frame).toArray(byte[][]::new)));
            assertThat(client.goAway()).isEqualTo(11);
        }
    }

    /** Of a stream that comes after our goodbye, while an answer waits for its window. */
    @Test
    void headsOfALateStream_areEnoughAtSomeTime() {
        try (var client = door.connectHttp2()) {
            var noWindow = bytes(4, 0, 0, new byte[] {0, 4, 0, 0, 0, 0});
            client.raw(all(noWindow, headers(STREAM, true, get), bytes(GOAWAY, 0, 0, new byte[8])));
            client.await(f -> f.type() == GOAWAY);
            var before = resetsReached();
            var head = headers(STREAM + 2, false, get);
            client.raw(all(Collections.nCopies(201, head).toArray(byte[][]::new)));
            assertThat(client.isClosedByTheDoor()).isTrue();
            assertThat(resetsReached()).isNotEqualTo(before);
        }
    }

    private static List<String> resetsReached() {
        var name = "portcullis_limit_reached_total{limit=\"http2-resets\"}";
        var lines = door.portcullis().meters().scrape().lines();
        return lines.filter(line -> line.startsWith(name)).toList();
    }

    private static byte[] frame(int type, int flags, int length) {
        return bytes(type, flags, STREAM, new byte[length]);
    }

    private static byte[] trailers(boolean end) {
        return headers(STREAM, end, Http2Client.block(List.of("x", "y")));
    }

    private static Arguments fatal(State state, String name, int error, byte[] frame) {
        return arguments(state, name, Outcome.CONNECTION_ERROR, error, frame);
    }

    private static Arguments error(State state, String name, int error, byte[] frame) {
        return arguments(state, name, Outcome.STREAM_ERROR, error, frame);
    }

    private static Arguments nothing(State state, String name, byte[] frame) {
        return arguments(state, name, Outcome.NOTHING, -1, frame);
    }

    // --- what is seen ------------------------------------------------------------------------

    private static void assertConnectionError(Http2Client client, int error, int last) {
        var end = client.await(f -> f.type() == GOAWAY || f.type() == RST_STREAM);
        assertThat(end).as("before the door closes").isNotNull();
        assertThat(end.type()).as("GOAWAY").isEqualTo(GOAWAY);
        assertThat(end.error()).as("error code").isEqualTo(error);
        assertThat(end.lastStream()).as("last stream").isEqualTo(last);
        assertThat(client.isClosedByTheDoor()).isTrue();
    }

    private static void assertReset(Http2Client client, int error) {
        var end = client.await(f -> f.type() == GOAWAY || f.type() == RST_STREAM);
        assertThat(end).as("before the door closes").isNotNull();
        assertThat(end.type()).as("RST_STREAM").isEqualTo(RST_STREAM);
        assertThat(end.stream()).isEqualTo(STREAM);
        assertThat(end.error()).as("error code").isEqualTo(error);
    }

    /** The PING behind the frame is answered, and nothing is said of any stream before. */
    private static void assertStillServed(Http2Client client) {
        var next =
                client.await(f -> f.type() == PING || f.type() == GOAWAY || f.type() == RST_STREAM);
        assertThat(next).as("before the door closes").isNotNull();
        assertThat(next.type()).as("PING").isEqualTo(PING);
    }
}
