package dev.portcullis.e2e;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** WebSocket frames on a stream, either end (RFC 6455 §5.2). */
final class Frames {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private Frames() {}

    /** What stands before a payload. */
    @SuppressWarnings("ArrayRecordComponent") // Read once, compared never.
    record Header(boolean last, int opcode, long length, byte[] mask) {}

    /** A small frame, whole. */
    @SuppressWarnings("ArrayRecordComponent") // Read once, compared never.
    record Frame(int opcode, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** The code of a close frame, or 1005 where it has none. */
        int closeCode() {
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        }
    }

    /** Writes one unfragmented message as a client does: masked. */
    static void writeMasked(OutputStream out, int opcode, byte[] payload) throws IOException {
        var mask = new byte[4];
        ThreadLocalRandom.current().nextBytes(mask);
        var masked = payload.clone();
        mask(masked, masked.length, 0, mask);
        writeHeader(out, opcode, payload.length, mask);
        out.write(masked);
        out.flush();
    }

    /** Writes one unfragmented message as a server does. */
    static void write(OutputStream out, int opcode, byte[] payload) throws IOException {
        writeHeader(out, opcode, payload.length, new byte[0]);
        out.write(payload);
        out.flush();
    }

    /**
     * Writes what stands before a payload.
     *
     * @param mask four bytes, or none
     */
    static void writeHeader(OutputStream out, int opcode, long length, byte[] mask)
            throws IOException {
        var header = new ByteArrayOutputStream(14);
        header.write(0x80 | opcode);
        int masked = mask.length > 0 ? 0x80 : 0;
        if (length < 126) {
            header.write(masked | (int) length);
        } else if (length < 1 << 16) {
            header.write(masked | 126);
            header.writeBytes(ByteBuffer.allocate(2).putShort((short) length).array());
        } else {
            header.write(masked | 127);
            header.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
        }
        header.writeBytes(mask);
        out.write(header.toByteArray());
    }

    /** Masks or unmasks in place; {@code offset} counts from the payload's start. */
    static void mask(byte[] bytes, int length, long offset, byte[] mask) {
        if (mask.length == 0) {
            return;
        }
        for (int i = 0; i < length; i++) {
            bytes[i] ^= mask[(int) (offset + i & 3)];
        }
    }

    static Header readHeader(InputStream in) throws IOException {
        int first = in.read();
        int second = in.read();
        if (second < 0) {
            throw new EOFException("the socket ended without a close frame");
        }
        long length = second & 0x7F;
        if (length == 126) {
            length = ByteBuffer.wrap(Wire.exactly(in, 2)).getShort() & 0xFFFF;
        } else if (length == 127) {
            length = ByteBuffer.wrap(Wire.exactly(in, 8)).getLong();
        }
        var mask = (second & 0x80) == 0 ? new byte[0] : Wire.exactly(in, 4);
        return new Header((first & 0x80) != 0, first & 0x0F, length, mask);
    }

    /** One small frame, unmasked. */
    static Frame read(InputStream in) throws IOException {
        var header = readHeader(in);
        var payload = Wire.exactly(in, Math.toIntExact(header.length()));
        mask(payload, payload.length, 0, header.mask());
        return new Frame(header.opcode(), payload);
    }
}
