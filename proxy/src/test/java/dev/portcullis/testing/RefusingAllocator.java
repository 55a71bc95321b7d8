package dev.portcullis.testing;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.function.IntPredicate;

/** Has no memory to give, as Netty at its bound. */
public final class RefusingAllocator extends AbstractByteBufAllocator {
    private final IntPredicate refused;

    /** Thrown for every buffer that is refused. */
    public static final class Refused extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** None at all. */
    public RefusingAllocator() {
        this(_ -> true);
    }

    /**
     * @param refused told the size of each, in bytes, and again when it grows
     */
    public RefusingAllocator(IntPredicate refused) {
        this.refused = refused;
    }

    @Override
    protected ByteBuf newHeapBuffer(int capacity, int max) {
        return toLeakAwareBuffer(new Buffer(capacity, max));
    }

    @Override
    protected ByteBuf newDirectBuffer(int capacity, int max) {
        return newHeapBuffer(capacity, max);
    }

    /** Asks again when it grows. */
    private final class Buffer extends UnpooledHeapByteBuf {
        Buffer(int capacity, int max) {
            super(RefusingAllocator.this, capacity, max);
        }

        @Override
        protected byte[] allocateArray(int size) {
            if (refused.test(size)) {
                throw new Refused();
            }
            return super.allocateArray(size);
        }
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
