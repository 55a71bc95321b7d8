package dev.portcullis.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A run of WebSocket messages and their echo, byte for byte: what is sent, and what must come back.
 * The same messages over and over, each of a payload and mask of its own.
 *
 * @param sent masked binary frames
 * @param expected the same, unmasked
 * @param count how many
 */
public record Frames(ByteBuf sent, ByteBuf expected, int count) {

    /**
     * Makes some.
     *
     * @param count how many before they repeat
     * @param payload bytes of each, at least 126 and at most 65,535
     */
    public static Frames of(int count, int payload) {
        var noise = Wire.noise(count * (payload + Integer.BYTES));
        var sent = Unpooled.directBuffer();
        var expected = Unpooled.directBuffer();
        for (int i = 0; i < count; i++) {
            var mask = new byte[Integer.BYTES];
            noise.readBytes(mask);
            sent.writeByte(0x82).writeByte(0x80 | 126).writeShort(payload).writeBytes(mask);
            expected.writeByte(0x82).writeByte(126).writeShort(payload);
            for (int at = 0; at < payload; at++) {
                byte octet = noise.readByte();
                expected.writeByte(octet);
                sent.writeByte(octet ^ mask[at % mask.length]);
            }
        }
        return new Frames(
                Unpooled.unreleasableBuffer(sent.asReadOnly()),
                Unpooled.unreleasableBuffer(expected.asReadOnly()),
                count);
    }

    int sentLength() {
        return sent.writerIndex() / count;
    }

    int expectedLength() {
        return expected.writerIndex() / count;
    }

    /** Messages {@code from} and following, at most to the end of the run. */
    ByteBuf slice(int from, int messages) {
        return sent.slice(from * sentLength(), messages * sentLength());
    }
}
