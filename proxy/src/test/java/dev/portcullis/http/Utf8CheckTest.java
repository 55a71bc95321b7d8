package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Against the JDK's strict decoder, which is asked about the whole. */
class Utf8CheckTest {
    /** The first and the last byte of each kind that RFC 3629 §4 tells apart. */
    private static final int[] KINDS = {
        0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
        0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
    };

    @Test
    void everySequenceOfUpToFourBytes_isJudgedAsTheDecoderDoes() {
        compare(new byte[0]);
    }

    private static void compare(byte[] bytes) {
        var check = new Utf8Check();
        boolean accepted = true;
        for (byte octet : bytes) {
            accepted = accepted && check.accepts(octet & 0xFF);
        }
        if (isUtf8(bytes) != (accepted && check.isWhole())) {
            throw new AssertionError(HexFormat.of().formatHex(bytes));
        }
        if (accepted && bytes.length < 4) { // What is refused stays refused, whatever follows.
            for (int next : KINDS) {
                var longer = Arrays.copyOf(bytes, bytes.length + 1);
                longer[bytes.length] = (byte) next;
                compare(longer);
            }
        } else if (!accepted) {
            assertThat(canBecomeUtf8(bytes)).as("%s", bytes).isFalse();
        }
    }

    /** Each beginning of a code point is ended by continuations that are all 80 or all BF. */
    private static boolean canBecomeUtf8(byte[] bytes) {
        for (int more = 0; more <= 3; more++) {
            for (int continuation : new int[] {0x80, 0xBF}) {
                var longer = Arrays.copyOf(bytes, bytes.length + more);
                Arrays.fill(longer, bytes.length, longer.length, (byte) continuation);
                if (isUtf8(longer)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }
}
