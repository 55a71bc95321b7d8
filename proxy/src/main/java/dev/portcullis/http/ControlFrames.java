package dev.portcullis.http;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * Writes the control frames that are our own (RFC 6455 §5.5): to be put between two frames of the
 * direction they travel in, see {@link FrameScanner#atBoundary}.
 */
public final class ControlFrames {
    /** Most bytes that one control frame takes: head, mask and payload. */
    public static final int BYTES_MAX = 131;

    private static final int CLOSE = 0x88;
    private static final int PING = 0x89;
    private static final int PONG = 0x8A;
    private static final int MASK = 0x80;
    private static final int PAYLOAD_MAX = 125;
    private static final int NO_CODE = 1005;

    /** A mask hides nothing, but must not be foreseeable (§10.3). */
    private static final SecureRandom RANDOM = new SecureRandom();

    private ControlFrames() {}

    /**
     * Writes a close frame.
     *
     * @param code one that may be sent (§7.4), or 1005 for a frame without code and reason
     * @param reason cut to 123 bytes of UTF-8 between two characters
     */
    public static void close(ByteBuf out, Masking masking, int code, String reason) {
        if (code == NO_CODE) {
            write(out, CLOSE, masking, new byte[0]);
            return;
        }
        if (!ClosePayload.mayBeSent(code)) {
            throw new IllegalArgumentException(
                    "close code " + code + " (expected: one that may be sent)");
        }
        var text = reason.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, PAYLOAD_MAX - 2);
        while (length < text.length && isInsideCharacter(text[length])) {
            length--;
        }
        var payload = new byte[2 + length];
        payload[0] = (byte) (code >>> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, length);
        write(out, CLOSE, masking, payload);
    }

    /** Writes a ping without payload. */
    public static void ping(ByteBuf out, Masking masking) {
        write(out, PING, masking, new byte[0]);
    }

    /** Writes a ping of eight bytes, by which its pong is known. */
    public static void ping(ByteBuf out, Masking masking, long payload) {
        write(out, PING, masking, ByteBuffer.allocate(Long.BYTES).putLong(payload).array());
    }

    /** Writes a pong without payload. */
    public static void pong(ByteBuf out, Masking masking) {
        write(out, PONG, masking, new byte[0]);
    }

    private static boolean isInsideCharacter(byte octet) {
        return (octet & 0xC0) == 0x80;
    }

    private static void write(ByteBuf out, int firstOctet, Masking masking, byte[] payload) {
        out.writeByte(firstOctet);
        if (masking == Masking.UNMASKED) {
            out.writeByte(payload.length).writeBytes(payload);
            return;
        }
        int mask = RANDOM.nextInt();
        out.writeByte(MASK | payload.length).writeInt(mask);
        for (int i = 0; i < payload.length; i++) {
            out.writeByte(payload[i] ^ mask >>> (24 - 8 * (i & 3)));
        }
    }
}
