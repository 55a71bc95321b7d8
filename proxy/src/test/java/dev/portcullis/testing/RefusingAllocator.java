package dev.portcullis.testing;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;

/** Has no memory to give, as Netty at its bound. */
public final class RefusingAllocator extends AbstractByteBufAllocator {
    /** Thrown for every buffer. */
    public static final class Refused extends Error {
        private static final long serialVersionUID = 1L;
    }

    @Override
    protected ByteBuf newHeapBuffer(int capacity, int max) {
        throw new Refused();
    }

    @Override
    protected ByteBuf newDirectBuffer(int capacity, int max) {
        throw new Refused();
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
