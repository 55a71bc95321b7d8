package dev.portcullis.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What came of a client's first message, read slowly.
 *
 * @param text its payload, unmasked; empty if it is no text
 * @param whole whether it has ended
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record FirstText(byte[] text, boolean whole) {
    /** No code point lacks more. */
    private static final int MISSING_MAX = 3;

    /**
     * @param frames whose framing is right as far as it is read
     * @param to where the last frame of interest has begun; it is read as far as it came
     */
    static FirstText of(byte[] frames, int to) {
        var text = new ByteArrayOutputStream();
        boolean isText = false;
        boolean whole = false;
        var in = ByteBuffer.wrap(frames);
        while (!whole && in.position() < to && in.remaining() >= 2) {
            int first = in.get();
            int length7 = in.get() & 0x7F;
            int more = length7 == 126 ? Short.BYTES : length7 == 127 ? Long.BYTES : 0;
            if (in.remaining() < more + Integer.BYTES) {
                break;
            }
            long length =
                    more == 0
                            ? length7
                            : more == Short.BYTES ? in.getShort() & 0xFFFF : in.getLong();
            var mask = new byte[Integer.BYTES];
            in.get(mask);
            boolean complete = length <= in.remaining();
            var payload = new byte[(int) Math.min(length, in.remaining())];
            in.get(payload);
            int opcode = first & 0x0F;
            isText = opcode == 1 || (isText && opcode != 2);
            if (isText && opcode <= 1) {
                for (int i = 0; i < payload.length; i++) {
                    text.write(payload[i] ^ mask[i % mask.length]);
                }
            }
            whole = opcode < 8 && first < 0 && complete;
        }
        return new FirstText(text.toByteArray(), whole);
    }

    /**
     * Whether it is UTF-8, or could still become it: whatever code point is cut, continuations that
     * are all 80, or all BF, end it.
     */
    boolean mayPass() {
        for (int more = 0; more <= (whole ? 0 : MISSING_MAX); more++) {
            for (byte continuation : new byte[] {(byte) 0x80, (byte) 0xBF}) {
                var longer = Arrays.copyOf(text, text.length + more);
                Arrays.fill(longer, text.length, longer.length, continuation);
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
