package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random streams, mostly valid, in random pieces: the scanner must say what a slow reading of RFC
 * 6455 over the whole stream says.
 */
class FrameScannerDifferentialTest {
    private static final int FIRST_MAX = 300;
    private static final int LATER_MAX = 70_000;

    /** What a reading of a whole stream comes to. */
    private record Reading(int accepted, int closeCode, long frames, long messages, boolean over) {}

    @Test
    void randomStreams_readAlikeInAnyPieces() {
        var random = new Random(6455);
        for (int round = 0; round < 3_000; round++) {
            boolean masked = random.nextBoolean();
            var stream = stream(random, masked);
            if (round % 2 == 1) {
                stream[random.nextInt(Math.min(stream.length, 40))] ^=
                        (byte) (1 << random.nextInt(8));
            }
            var expected = read(stream, masked);
            assertThat(scanWhole(stream, masked)).as("round %d", round).isEqualTo(expected);
            assertThat(scanPieces(stream, masked, random))
                    .as("round %d in pieces", round)
                    .matches(found -> isSameInPieces(found, expected), expected.toString());
        }
    }

    /** In pieces, the head of a refused frame may have passed before it was known to be wrong. */
    private static boolean isSameInPieces(Reading found, Reading expected) {
        return found.closeCode() == expected.closeCode()
                && found.frames() == expected.frames()
                && found.messages() == expected.messages()
                && found.over() == expected.over()
                && (expected.closeCode() == 0
                        ? found.accepted() == expected.accepted()
                        : found.accepted() >= expected.accepted());
    }

    private static Reading scanWhole(byte[] stream, boolean masked) {
        var scanner = scanner(masked);
        return result(scanner, scanner.scan(Unpooled.wrappedBuffer(stream), false));
    }

    private static Reading scanPieces(byte[] stream, boolean masked, Random random) {
        var scanner = scanner(masked);
        int accepted = 0;
        int at = 0;
        while (at < stream.length) {
            int length = Math.min(stream.length - at, 1 + random.nextInt(9) * random.nextInt(90));
            var piece = Unpooled.wrappedBuffer(stream, at, length);
            if (random.nextInt(4) == 0) { // Stop at the boundary, then go on from there.
                int stopped = scanner.scan(piece, true);
                accepted += stopped;
                piece.skipBytes(stopped);
            }
            accepted += scanner.scan(piece, false);
            at += length;
        }
        return result(scanner, accepted);
    }

    private static FrameScanner scanner(boolean masked) {
        return new FrameScanner(masked ? Masking.MASKED : Masking.UNMASKED, FIRST_MAX, LATER_MAX);
    }

    private static Reading result(FrameScanner scanner, int accepted) {
        var violation = scanner.violation();
        return new Reading(
                accepted,
                violation == null ? 0 : violation.closeCode(),
                scanner.frames(),
                scanner.messages(),
                scanner.closed());
    }

    // A slow reading of the RFC.

    private static Reading read(byte[] stream, boolean masked) {
        int at = 0;
        long frames = 0;
        long messages = 0;
        long message = -1; // Bytes of the message under way; -1 for none.
        boolean isText = false;
        var text = new ByteArrayOutputStream(); // Of the first message.
        while (at < stream.length) {
            int first = stream[at] & 0xFF;
            int opcode = first & 15;
            boolean fin = first >= 128;
            boolean control = opcode >= 8;
            boolean known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
            boolean ordered = control || (opcode == 0) == (message >= 0);
            if ((first >> 4 & 7) != 0 || !known || (control && !fin) || !ordered) {
                return new Reading(at, 1002, frames, messages, false);
            }
            if (at + 1 == stream.length) {
                break;
            }
            int second = stream[at + 1] & 0xFF;
            int length7 = second & 127;
            if (second >= 128 != masked
                    || (control && length7 > 125)
                    || (opcode == 8 && length7 == 1)) {
                return new Reading(at, 1002, frames, messages, false);
            }
            int extra = length7 == 126 ? 2 : length7 == 127 ? 8 : 0;
            if (at + 2 + extra > stream.length) {
                break;
            }
            var length = BigInteger.valueOf(length7);
            if (extra > 0) {
                length = new BigInteger(1, stream, at + 2, extra);
            }
            int least = extra == 2 ? 126 : extra == 8 ? 65_536 : 0;
            if (length.bitLength() > 63 || length.compareTo(BigInteger.valueOf(least)) < 0) {
                return new Reading(at, 1002, frames, messages, false);
            }
            int max = messages == 0 ? FIRST_MAX : LATER_MAX;
            var room = BigInteger.valueOf(max - Math.max(message, 0));
            if (!control && length.compareTo(room) > 0) {
                return new Reading(at, 1009, frames, messages, false);
            }
            int head = 2 + extra + (masked ? 4 : 0);
            int end = at + head + length.intValue();
            boolean whole = end <= stream.length;
            if (!control && masked && messages == 0) {
                if (opcode > 0) {
                    isText = opcode == 1;
                    text.reset();
                }
                unmask(stream, at + head, Math.min(end, stream.length), text);
                if (isText && !isUtf8(text.toByteArray(), whole && fin)) {
                    return new Reading(at, 1007, frames, messages, false);
                }
            }
            if (!whole) {
                break;
            }
            frames++;
            if (opcode == 8) {
                int code = closeCode(stream, at + head, length.intValue(), masked);
                return code < 0
                        ? new Reading(at, -code, frames - 1, messages, false)
                        : new Reading(end, 0, frames, messages, true);
            }
            if (!control) {
                message = fin ? -1 : Math.max(message, 0) + length.longValue();
                messages += fin ? 1 : 0;
            }
            at = end;
        }
        return new Reading(stream.length, 0, frames, messages, false);
    }

    /** Nothing if the mask itself has not come whole. */
    private static void unmask(byte[] stream, int from, int to, ByteArrayOutputStream out) {
        for (int i = 0; i < to - from; i++) {
            out.write(stream[from + i] ^ stream[from - 4 + i % 4]);
        }
    }

    /** Whether it is, or may become it with up to three bytes more. */
    private static boolean isUtf8(byte[] text, boolean whole) {
        for (int more = 0; more <= (whole ? 0 : 3); more++) {
            for (byte filler : new byte[] {(byte) 0x80, (byte) 0xBF}) {
                var longer = Arrays.copyOf(text, text.length + more);
                Arrays.fill(longer, text.length, longer.length, filler);
                var read = new String(longer, StandardCharsets.UTF_8);
                if (Arrays.equals(read.getBytes(StandardCharsets.UTF_8), longer)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The code; negative: what to close with, because it is wrong. */
    private static int closeCode(byte[] stream, int from, int length, boolean masked) {
        if (length == 0) {
            return 1005;
        }
        var payload = Arrays.copyOfRange(stream, from, from + length);
        for (int i = 0; masked && i < length; i++) {
            payload[i] ^= stream[from - 4 + i % 4];
        }
        int code = (payload[0] & 0xFF) * 256 + (payload[1] & 0xFF);
        boolean legal =
                code >= 1000 && code < 5000 && (code < 1015 || code >= 3000) && code != 1004;
        if (!legal || code == 1005 || code == 1006) {
            return -1002;
        }
        var text = new String(payload, 2, length - 2, StandardCharsets.UTF_8);
        return text.indexOf('\uFFFD') >= 0 ? -1007 : code;
    }

    // Streams.

    private static byte[] stream(Random random, boolean masked) {
        var out = new ByteArrayOutputStream();
        boolean inMessage = false;
        int left = FIRST_MAX;
        boolean firstDone = false;
        for (int i = 1 + random.nextInt(12); i > 0; i--) {
            if (random.nextInt(4) == 0) {
                frame(out, random, masked, 0x89 + random.nextInt(2), random.nextInt(126));
                continue;
            }
            boolean fin = random.nextBoolean();
            int opcode = inMessage ? 0 : 1 + random.nextInt(2);
            int length = random.nextInt(1 + Math.min(left, pick(random, 10, 200, 70_000)));
            frame(out, random, masked, (fin ? 0x80 : 0) | opcode, length);
            inMessage = !fin;
            firstDone |= fin;
            left = fin ? LATER_MAX : left - length;
            if (!firstDone) {
                left = Math.min(left, FIRST_MAX);
            }
        }
        if (random.nextBoolean()) {
            close(out, random, masked);
            out.writeBytes(new byte[random.nextInt(3)]);
        }
        return out.toByteArray();
    }

    private static int pick(Random random, int... from) {
        return from[random.nextInt(from.length)];
    }

    private static void close(ByteArrayOutputStream out, Random random, boolean masked) {
        var frame = Unpooled.buffer();
        ControlFrames.close(
                frame,
                masked ? Masking.MASKED : Masking.UNMASKED,
                pick(random, 1000, 1005, 1012, 4401),
                "ü".repeat(random.nextInt(80)));
        out.writeBytes(Arrays.copyOf(frame.array(), frame.writerIndex()));
    }

    private static void frame(
            ByteArrayOutputStream out, Random random, boolean masked, int first, int length) {
        out.write(first);
        int maskBit = masked ? 0x80 : 0;
        if (length < 126) {
            out.write(maskBit | length);
        } else if (length < 65_536) {
            out.write(maskBit | 126);
            out.write(length >> 8);
            out.write(length);
        } else {
            out.write(maskBit | 127);
            out.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
        }
        var mask = new byte[masked ? 4 : 0];
        random.nextBytes(mask);
        out.writeBytes(mask);
        var payload = random.nextInt(4) == 0 ? noise(random, length) : words(random, length);
        for (int i = 0; i < length; i++) {
            out.write(payload[i] ^ (masked ? mask[i % 4] : 0));
        }
    }

    private static byte[] noise(Random random, int length) {
        var noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    /** UTF-8, but for its end now and then. */
    private static byte[] words(Random random, int length) {
        var text = "aü漢\uD83D\uDE00".repeat(length / 10 + 1).getBytes(StandardCharsets.UTF_8);
        var words = Arrays.copyOf(text, length);
        if (random.nextInt(4) > 0) {
            Arrays.fill(words, length / 10 * 10, length, (byte) 'a');
        }
        return words;
    }
}
