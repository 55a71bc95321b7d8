package dev.portcullis.runtime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text as it is put together for the wire or for a file: one byte for each character, in memory
 * that is used again. One thread at a time.
 */
public final class Latin1Buffer {
    private static final int LONG_DIGITS_MAX = 20;

    private byte[] bytes;
    private int length;

    /**
     * @param capacity bytes that it holds before it grows
     */
    public Latin1Buffer(int capacity) {
        bytes = new byte[capacity];
    }

    /** Forgets what it holds. */
    public Latin1Buffer clear() {
        length = 0;
        return this;
    }

    /** Adds text; what is not Latin-1 in it becomes a question mark. */
    public Latin1Buffer add(String text) {
        return add(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Adds text of which the caller knows that it is ASCII: copied as it stands. */
    @SuppressWarnings("deprecation") // For what it does with everything else.
    public Latin1Buffer addAscii(String text) {
        int size = text.length();
        makeRoom(size);
        text.getBytes(0, size, bytes, length);
        length += size;
        return this;
    }

    /** Adds bytes. */
    public Latin1Buffer add(byte[] text) {
        makeRoom(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
        return this;
    }

    /** Adds one character. */
    public Latin1Buffer add(char character) {
        makeRoom(1);
        bytes[length++] = (byte) character;
        return this;
    }

    /** Adds a number, at least 0, in decimal. */
    public Latin1Buffer addDecimal(long number) {
        makeRoom(LONG_DIGITS_MAX);
        int digits = 1;
        for (long rest = number; rest > 9; rest /= 10) {
            digits++;
        }
        long rest = number;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    private void makeRoom(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    /** How many bytes it holds. */
    public int length() {
        return length;
    }

    /**
     * What it holds, in a buffer that is the caller's to release.
     *
     * @param room bytes that may follow in it
     */
    public ByteBuf toBuffer(ByteBufAllocator allocator, int room) {
        return allocator.buffer(length + room).writeBytes(bytes, 0, length);
    }

    /** The memory itself, of which {@link #length()} bytes count; not to be kept. */
    public byte[] array() {
        return bytes;
    }
}
