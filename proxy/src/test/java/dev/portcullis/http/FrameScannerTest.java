package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.http.FrameScanner.Close;
import dev.portcullis.http.FrameScanner.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames in hexadecimal; blanks are for the reader. An all-zero mask leaves payload readable. */
class FrameScannerTest {
    private static final String MASK = "00000000";

    private final FrameScanner client = FrameScanner.ofClient();
    private final FrameScanner gateway = FrameScanner.ofGateway();

    // What passes.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "81 80 01020304", // empty text
                "81 83 00000000 616263",
                "82 83 01020304 616263",
                "01 81 00000000 61  00 81 00000000 62  80 81 00000000 63", // three fragments
                "01 81 00000000 61  89 80 00000000  80 81 00000000 62", // a ping in between
                "89 84 00000000 61626364",
                "8A 80 00000000",
                "81 FE 007E 00000000 [126]",
                "81 FE FFFF 00000000 [65535]",
                "81 80 00000000  81 FF 0000000000010000 00000000 [65536]"
            })
    void validFrames_passWholeAndByteByByte(String hex) {
        assertThat(accepted(FrameScanner.ofClient(), hex)).isEqualTo(bytes(hex).length);
        var slow = FrameScanner.ofClient();
        for (byte octet : bytes(hex)) {
            assertThat(slow.scan(Unpooled.wrappedBuffer(new byte[] {octet}), false)).isOne();
        }
        assertThat(slow.violation()).isNull();
        assertThat(slow.atBoundary()).isTrue();
        assertThat(slow.closed()).isFalse();
    }

    @Test
    void counters_countWholeFramesAndWholeMessages() {
        accepted(client, "01 81 " + MASK + "61  89 80 " + MASK);
        assertThat(client.frames()).isEqualTo(2);
        assertThat(client.messages()).isZero();
        accepted(client, "80 80 " + MASK + "82 80 " + MASK + "82 81" + MASK);
        assertThat(client.frames()).isEqualTo(4);
        assertThat(client.messages()).isEqualTo(2);
        assertThat(client.atBoundary()).isFalse();
    }

    @Test
    void scan_leavesTheIndexesAlone() {
        var bytes = Unpooled.wrappedBuffer(bytes("FFFF 81 80 " + MASK)).readerIndex(2);
        assertThat(client.scan(bytes, false)).isEqualTo(6);
        assertThat(bytes.readerIndex()).isEqualTo(2);
        assertThat(bytes.writerIndex()).isEqualTo(8);
    }

    // What does not, in a client's frames.

    @ParameterizedTest
    @CsvSource({
        "'C1 80 00000000', 1002", // RSV1 without permessage-deflate
        "'A1 80 00000000', 1002",
        "'91 80 00000000', 1002",
        "'83 80 00000000', 1002", // opcodes that nobody defined
        "'87 80 00000000', 1002",
        "'8B 80 00000000', 1002",
        "'8F 80 00000000', 1002",
        "'81 00', 1002", // unmasked
        "'88 00', 1002",
        "'09 80 00000000', 1002", // fragmented control frames
        "'08 80 00000000', 1002",
        "'89 FE 007E 00000000', 1002", // control frames over 125 bytes
        "'8A FF 0000000000010000 00000000', 1002",
        "'88 FE 0080 00000000', 1002",
        "'80 80 00000000', 1002", // continuation of nothing
        "'00 80 00000000', 1002",
        "'81 FE 007D 00000000', 1002", // longer length forms than needed
        "'81 FE 0000 00000000', 1002",
        "'81 FF 000000000000FFFF 00000000', 1002",
        "'81 FF 8000000000000000 00000000', 1002", // the top bit
        "'81 FF FFFFFFFFFFFFFFFF 00000000', 1002",
        "'88 81 00000000 03', 1002", // half a code
        "'88 82 00000000 0000', 1002",
        "'88 82 00000000 03E7', 1002", // 999
        "'88 82 00000000 03EC', 1002", // 1004
        "'88 82 00000000 03ED', 1002", // 1005
        "'88 82 00000000 03EE', 1002", // 1006
        "'88 82 00000000 03F7', 1002", // 1015
        "'88 82 00000000 0BB7', 1002", // 2999
        "'88 82 00000000 1388', 1002", // 5000
        "'88 82 00000000 FFFF', 1002",
        "'88 83 00000000 03E8 FF', 1007", // reasons that are not UTF-8
        "'88 84 00000000 03E8 C080', 1007",
        "'88 85 00000000 03E8 EDA080', 1007",
        "'88 83 00000000 03E8 C3', 1007",
        "'81 FF 0000000000010001 00000000', 1009", // 64 KiB and a byte before the first message
        "'81 FF 7FFFFFFFFFFFFFFF 00000000', 1009",
        "'01 FE FFFF 00000000 [65535] 80 82 00000000', 1009" // over two fragments
    })
    void brokenFrame_isNotAcceptedAndNamesItsCode(String hex, int closeCode) {
        var bytes = bytes(hex);
        int before = hex.contains("[") ? 65_535 + 8 : 0; // A good fragment in front.
        assertThat(accepted(client, hex)).isEqualTo(before);
        assertThat(client.violation()).extracting(Violation::closeCode).isEqualTo(closeCode);
        assertThat(client.atBoundary()).isTrue();
        assertThat(accepted(client, "81 80 " + MASK)).as("nothing after it").isZero();

        var slow = FrameScanner.ofClient();
        int passed = 0;
        for (byte octet : bytes) {
            passed += slow.scan(Unpooled.wrappedBuffer(new byte[] {octet}), false);
        }
        assertThat(slow.violation()).isEqualTo(client.violation());
        assertThat(passed).isLessThan(bytes.length);
        assertThat(slow.atBoundary()).isEqualTo(passed == before);
    }

    @Test
    void newMessageInsideAFragmentedOne_isRefused() {
        assertThat(accepted(client, "01 81 " + MASK + "61 81 81 " + MASK + "62")).isEqualTo(7);
        assertThat(client.violation()).extracting(Violation::closeCode).isEqualTo(1002);
    }

    @Test
    void maskedFrameFromTheGateway_isRefused() {
        assertThat(accepted(gateway, "81 01 61 81 81 " + MASK + "62")).isEqualTo(3);
        assertThat(gateway.violation()).extracting(Violation::closeCode).isEqualTo(1002);
    }

    @Test
    void goodFramesBeforeABrokenOne_areAccepted() {
        assertThat(accepted(client, "81 81 " + MASK + "61 C1 80 " + MASK)).isEqualTo(7);
        assertThat(client.atBoundary()).isTrue();
    }

    @Test
    void violationInABufferAfterItsHead_endsInTheMiddleOfAFrame() {
        assertThat(accepted(client, "88")).isOne();
        assertThat(accepted(client, "81 " + MASK + "03")).isZero();
        assertThat(client.violation()).isNotNull();
        assertThat(client.atBoundary()).isFalse();
    }

    // Limits.

    @Test
    void firstMessage_mayBe64KiBAndNotOneMore() {
        assertThat(client.scan(frame(0x81, 65_536), false)).isEqualTo(65_536 + 14);
        assertThat(client.violation()).isNull();
        var another = FrameScanner.ofClient();
        assertThat(another.scan(frame(0x81, 65_537), false)).isZero();
        assertThat(another.violation()).extracting(Violation::closeCode).isEqualTo(1009);
    }

    @Test
    void laterMessage_mayBe25MiBAndNotOneMore() {
        accepted(client, "81 80 " + MASK);
        assertThat(client.scan(frame(0x82, 26_214_400), false)).isEqualTo(26_214_400 + 14);
        assertThat(client.violation()).isNull();
        assertThat(client.scan(frame(0x82, 26_214_401), false)).isZero();
        assertThat(client.violation()).extracting(Violation::closeCode).isEqualTo(1009);
    }

    @Test
    void firstFragment_doesNotLiftTheLimitOfTheFirstMessage() {
        accepted(client, "01 80 " + MASK + "89 80 " + MASK);
        assertThat(client.scan(frame(0x80, 65_537), false)).isZero();
        assertThat(client.violation()).extracting(Violation::closeCode).isEqualTo(1009);
    }

    @Test
    void sumOverFragments_isLimitedToo() {
        accepted(client, "81 80 " + MASK);
        client.scan(frame(0x02, 20_000_000), false);
        assertThat(client.scan(frame(0x80, 6_214_401), false)).isZero();
        assertThat(client.violation()).extracting(Violation::closeCode).isEqualTo(1009);
    }

    @Test
    void controlFrames_doNotCountAsMessage() {
        client.scan(frame(0x01, 65_536), false);
        assertThat(accepted(client, "89 81 " + MASK + "61 80 80 " + MASK)).isEqualTo(13);
        assertThat(client.violation()).isNull();
    }

    @Test
    void millionEmptyFragments_areStopped() {
        var fragment = Unpooled.wrappedBuffer(bytes("00 80 " + MASK));
        accepted(client, "01 80 " + MASK);
        int passed = 1;
        while (client.violation() == null && passed < 1_000_000) {
            passed += client.scan(fragment, false) > 0 ? 1 : 0;
        }
        assertThat(passed).isEqualTo(FrameScanner.FRAGMENTS_MAX);
        assertThat(client.violation()).extracting(Violation::closeCode).isEqualTo(1009);
    }

    // Boundaries.

    @Test
    void stopAtBoundary_acceptsTheRestOfTheFrameAndNoMore() {
        accepted(client, "81 82 " + MASK);
        var rest = Unpooled.wrappedBuffer(bytes("6162 81 80 " + MASK));
        assertThat(client.scan(rest, true)).isEqualTo(2);
        assertThat(client.atBoundary()).isTrue();
        assertThat(client.scan(rest.skipBytes(2), true)).isZero();
        assertThat(client.scan(rest, false)).isEqualTo(6);
    }

    // Closing.

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1003, 1007, 1008, 1012, 1013, 1014, 3000, 4401, 4999})
    void legalCloseCode_passes(int code) {
        assertThat(accepted(client, "88 82 " + MASK + "%04X".formatted(code))).isEqualTo(8);
        assertThat(client.close()).isEqualTo(new Close(code, ""));
    }

    @Test
    void closeWithoutCode_is1005() {
        assertThat(accepted(gateway, "88 00")).isEqualTo(2);
        assertThat(gateway.close()).isEqualTo(new Close(1005, ""));
    }

    @Test
    void maskedClose_isUnmasked() {
        // 1001, "äx" under the mask 11223344.
        accepted(client, "88 85 11223344 12 CB F0 E0 69");
        assertThat(client.close()).isEqualTo(new Close(1001, "äx"));
    }

    @Test
    void bytesAfterTheCloseFrame_areForNobody() {
        assertThat(accepted(client, "88 80 " + MASK + "81 80 " + MASK)).isEqualTo(6);
        assertThat(client.violation()).isNull();
        assertThat(client.closed()).isTrue();
        assertThat(accepted(client, "81 80 " + MASK)).isZero();
    }

    @Test
    void halfACloseFrame_isNotClosedYet() {
        accepted(client, "88 82 " + MASK + "03");
        assertThat(client.closed()).isFalse();
        assertThat(accepted(client, "E8")).isOne();
        assertThat(client.close()).isEqualTo(new Close(1000, ""));
    }

    private static int accepted(FrameScanner scanner, String hex) {
        return scanner.scan(Unpooled.wrappedBuffer(bytes(hex)), false);
    }

    /** {@code [n]} stands for n bytes of zero. */
    private static byte[] bytes(String hex) {
        var text = new StringBuilder();
        Stream.of(hex.strip().split("\\s+"))
                .forEach(part ->
                        text.append(
                                part.startsWith("[")
                                        ? "00"
                                                .repeat(
                                                        Integer.parseInt(
                                                                part.substring(
                                                                        1, part.length() - 1)))
                                        : part));
        return HexFormat.of().parseHex(text);
    }

    /** A masked frame in the 64-bit length form, payload and all. */
    private static ByteBuf frame(int firstOctet, int length) {
        var frame = Unpooled.buffer(14 + length);
        frame.writeByte(firstOctet).writeByte(0xFF).writeLong(length).writeInt(0);
        return frame.writerIndex(14 + length);
    }
}
