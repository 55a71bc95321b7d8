package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.http.FrameScanner.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** UTF-8 of a client's text, until its first message has passed (RFC 6455 §8.1). */
class FrameScannerTextTest {
    private static final byte[] MASK = {0x11, (byte) 0x82, 0x33, (byte) 0xF4};
    private static final int HEAD = 6;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CONTINUATION = 0;
    private static final int FIN = 0x80;
    private static final int PING = 0x89;
    private static final byte[] NOT_UTF_8 = {'a', (byte) 0xFF};
    private static final Violation WRONG =
            new Violation(1007, "text is not UTF-8 (expected: UTF-8)");

    private final FrameScanner client = FrameScanner.ofClient();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "\u0000\u007F\u0080\u07FF\u0800\uD7FF\uE000\uFFFD\uFFFE\uFFFF",
                "\uD800\uDC00\uDBFF\uDFFF\uFEFF\uD83D\uDE00",
                "κόσμε, ñ, 漢字, a"
            })
    void utf8_passesWholeAndCutAtEveryPlace(String text) {
        var payload = text.getBytes(StandardCharsets.UTF_8);
        var message = frame(FIN | TEXT, payload).array();
        assertThat(scan(client, message)).isEqualTo(message.length);
        assertThat(client.messages()).isOne();
        var slow = FrameScanner.ofClient();
        for (byte octet : message) {
            assertThat(scan(slow, octet)).isOne();
        }
        assertThat(slow.messages()).isOne();
        for (int cut = 0; cut <= payload.length; cut++) {
            var inFragments = FrameScanner.ofClient();
            var bytes = fragments(payload, cut);
            assertThat(scan(inFragments, bytes)).isEqualTo(bytes.length);
            assertThat(inFragments.messages()).isOne();
        }
    }

    /** With the number of bytes after which no others could make it right. */
    @ParameterizedTest
    @CsvSource({
        "80, 1",
        "BF, 1",
        "61 C0 80, 2", // overlong forms
        "C1 BF, 1",
        "E0 80 80, 2",
        "E0 9F BF, 2",
        "F0 80 80 80, 2",
        "F0 8F BF BF, 2",
        "ED A0 80, 2", // surrogates
        "ED BF BF, 2",
        "ED A0 BD ED B8 80, 2",
        "F4 90 80 80, 2", // above U+10FFFF
        "F5 80 80 80, 1",
        "F8 88 80 80 80, 1",
        "FE, 1",
        "61 FF 61, 2",
        "C3 61, 2", // no continuation where one is due
        "E2 82 61, 3",
        "E2 C3 A4, 2",
        "F0 9F 98 61, 4",
        "C3 A4 A4, 3"
    })
    void anythingElse_isRefusedAsSoonAsItIsCertain(String hex, int certainAfter) {
        var payload = HexFormat.of().parseHex(hex.replace(" ", ""));
        var frame = frame(FIN | TEXT, payload).array();
        assertThat(scan(client, frame)).isZero();
        assertThat(client.violation()).isEqualTo(WRONG);
        assertThat(client.atBoundary()).isTrue();
        assertThat(client.messages()).isZero();
        assertThat(client.frames()).isZero();

        var early = FrameScanner.ofClient();
        assertThat(scan(early, Arrays.copyOf(frame, HEAD + certainAfter))).isZero();
        assertThat(early.violation()).isEqualTo(WRONG);

        var slow = FrameScanner.ofClient();
        int passed = 0;
        for (byte octet : frame) {
            passed += scan(slow, octet);
        }
        assertThat(passed).isEqualTo(HEAD + certainAfter - 1);
        assertThat(slow.violation()).isEqualTo(WRONG);
        assertThat(slow.atBoundary()).isFalse();
        assertRefusedInFragments(payload);
    }

    @ParameterizedTest
    @ValueSource(strings = {"C3", "61E2", "61E282", "F0", "F09F", "F09F98"})
    void codePointCutAtTheEndOfTheMessage_isRefused(String hex) {
        var payload = HexFormat.of().parseHex(hex);
        assertThat(scan(client, frame(FIN | TEXT, payload).array())).isZero();
        assertThat(client.violation()).isEqualTo(WRONG);
        assertThat(client.messages()).isZero();
        assertThat(client.frames()).isZero();
        assertRefusedInFragments(payload);
    }

    private static void assertRefusedInFragments(byte[] payload) {
        for (int cut = 0; cut <= payload.length; cut++) {
            var scanner = FrameScanner.ofClient();
            var bytes = fragments(payload, cut);
            assertThat(scan(scanner, bytes)).isLessThan(bytes.length);
            assertThat(scanner.violation()).as("cut at %d", cut).isEqualTo(WRONG);
        }
    }

    @Test
    void emptyLastFragment_doesNotHideTheCut() {
        int first = HEAD + 1;
        var bytes = fragments(new byte[] {(byte) 0xC3}, 1);
        assertThat(scan(client, bytes)).isEqualTo(first + HEAD + 1); // It and the ping.
        assertThat(client.violation()).isEqualTo(WRONG);
    }

    @Test
    void binaryAndControlFrames_mayHoldAnything() {
        scan(client, frame(PING, NOT_UTF_8).array());
        scan(client, frame(BINARY, NOT_UTF_8).array());
        scan(client, frame(PING, NOT_UTF_8).array());
        scan(client, frame(FIN | CONTINUATION, NOT_UTF_8).array());
        assertThat(client.violation()).isNull();
        assertThat(client.messages()).isOne();
    }

    @Test
    void textAfterTheFirstMessage_isForItsReader() {
        scan(client, frame(FIN | TEXT, new byte[] {'a'}).array());
        scan(client, frame(FIN | TEXT, NOT_UTF_8).array());
        assertThat(client.violation()).isNull();
        assertThat(client.messages()).isEqualTo(2);
    }

    @Test
    void textOfTheGateway_isForItsReader() {
        var gateway = FrameScanner.ofGateway();
        scan(gateway, (byte) 0x81, (byte) 1, (byte) 0xFF);
        assertThat(gateway.violation()).isNull();
        assertThat(gateway.messages()).isOne();
    }

    /** Two frames, cut there, and a ping in between whose payload is no UTF-8. */
    private static byte[] fragments(byte[] payload, int cut) {
        var bytes = frame(TEXT, Arrays.copyOf(payload, cut));
        bytes.writeBytes(frame(PING, new byte[] {(byte) 0xFF}));
        bytes.writeBytes(
                frame(FIN | CONTINUATION, Arrays.copyOfRange(payload, cut, payload.length)));
        return Arrays.copyOf(bytes.array(), bytes.writerIndex());
    }

    private static ByteBuf frame(int first, byte[] payload) {
        var frame = Unpooled.buffer(HEAD + payload.length);
        frame.writeByte(first).writeByte(0x80 | payload.length).writeBytes(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.writeByte(payload[i] ^ MASK[i % MASK.length]);
        }
        return frame;
    }

    private static int scan(FrameScanner scanner, byte... bytes) {
        return scanner.scan(Unpooled.wrappedBuffer(bytes), false);
    }
}
