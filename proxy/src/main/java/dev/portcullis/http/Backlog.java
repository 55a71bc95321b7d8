package dev.portcullis.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that came and are not read yet. Owns them: whoever has one calls {@link #release} in the
 * end. One per connection and direction; on its event loop.
 */
public final class Backlog {
    /** So many times what is left may be kept. */
    private static final int WASTE_MAX = 4;

    private @Nullable ByteBuf buffered;

    /** Takes bytes over. */
    public void add(ByteBufAllocator allocator, ByteBuf bytes) {
        var there = buffered;
        buffered =
                there == null
                        ? bytes
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, there, bytes);
    }

    /** What is there, to be read from its reader index on; null for nothing. Stays ours. */
    public @Nullable ByteBuf bytes() {
        return buffered;
    }

    /** All that is there and not read yet, the caller's to release; null for nothing. */
    public @Nullable ByteBuf take() {
        var all = buffered;
        buffered = null;
        return all;
    }

    /** Whether nothing is there. */
    public boolean isEmpty() {
        return buffered == null;
    }

    /** How many bytes are there. */
    public int size() {
        var bytes = buffered;
        return bytes == null ? 0 : bytes.readableBytes();
    }

    /** Lets go of the bytes if all of them were read. */
    public void releaseIfRead() {
        if (size() == 0) {
            release();
        }
    }

    /** What is left waits for more: a little of it does not keep all that it came with. */
    public void settle(ByteBufAllocator allocator) {
        var bytes = buffered;
        if (bytes != null && bytes.capacity() > WASTE_MAX * size()) {
            buffered = allocator.buffer(size()).writeBytes(bytes);
            bytes.release();
        }
    }

    /** Lets go of the bytes. */
    public void release() {
        var bytes = buffered;
        if (bytes != null) {
            buffered = null;
            bytes.release();
        }
    }
}
