package dev.portcullis.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts one input into pieces as a network might, and counts what is not given back: every target
 * reads its input whole and in pieces, and both must come to the same. One per reading.
 */
public final class Pieces implements AutoCloseable {
    private static final int PIECE_MAX = 7;

    /** Of direct buffers: Netty's leak detector leaves out those on the heap. */
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    /** Where the buffers come from, those that the code under test makes included. */
    public UnpooledByteBufAllocator allocator() {
        return allocator;
    }

    /** All of it in one buffer. */
    public List<ByteBuf> whole(byte[] input) {
        return List.of(allocator.buffer(Math.max(1, input.length)).writeBytes(input));
    }

    /** Pieces of one to seven bytes; where they end follows from the input. */
    public List<ByteBuf> cut(byte[] input) {
        var pieces = new ArrayList<ByteBuf>();
        for (int at = 0, seed = input.length; at < input.length; seed += 3) {
            int length = Math.min(1 + (input[at] + seed & 0xFF) % PIECE_MAX, input.length - at);
            pieces.add(allocator.buffer(length).writeBytes(input, at, length));
            at += length;
        }
        return pieces;
    }

    /** Bytes of the buffers that are not given back yet. */
    public long held() {
        return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    }

    /** Fails if a buffer was not given back. */
    @Override
    public void close() {
        long left = held();
        Finding.unless(left == 0, "bytes leaked: " + left);
    }
}
