package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.DefaultByteBufHolder;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameStream;

/**
 * DATA frames of one stream that came one after the other and wait to be read, as one (RFC 9113
 * §6.1 gives their bounds no meaning). In memory of its own, to which more may be added until it is
 * read. On the stream's event loop.
 */
final class JoinedData extends DefaultByteBufHolder implements Http2DataFrame {
    /** Then the next one begins. */
    private static final int JOINED_MAX = 16 * 1024;

    private final Http2FrameStream stream;
    private int flowControlledBytes;
    private boolean endStream;

    private JoinedData(ByteBuf content, Http2FrameStream stream) {
        super(content);
        this.stream = stream;
    }

    /** Whether that frame has room here, too. */
    boolean hasRoomFor(Http2DataFrame frame) {
        return content().readableBytes() + frame.content().readableBytes() <= JOINED_MAX;
    }

    /** A copy of that frame, which is released. */
    static JoinedData of(ByteBufAllocator allocator, Http2DataFrame frame) {
        try { // Memory may be refused.
            var content = allocator.buffer(frame.content().readableBytes());
            var copy = new JoinedData(content, frame.stream());
            copy.take(frame);
            return copy;
        } finally {
            frame.release();
        }
    }

    /** Takes the frame's bytes, and releases it. */
    void add(Http2DataFrame frame) {
        try {
            take(frame);
        } finally {
            frame.release();
        }
    }

    private void take(Http2DataFrame frame) {
        content().writeBytes(frame.content());
        flowControlledBytes += frame.initialFlowControlledBytes();
        endStream |= frame.isEndStream();
    }

    @Override
    public String name() {
        return "DATA";
    }

    @Override
    public Http2FrameStream stream() {
        return stream;
    }

    @Override
    public Http2DataFrame stream(Http2FrameStream other) {
        throw new UnsupportedOperationException("it is of the stream that it came by");
    }

    @Override
    public boolean isEndStream() {
        return endStream;
    }

    /** None: what there was is in {@link #initialFlowControlledBytes} alone. */
    @Override
    public int padding() {
        return 0;
    }

    /** Of all that was joined, padding included (RFC 9113 §6.9.1). */
    @Override
    public int initialFlowControlledBytes() {
        return flowControlledBytes;
    }

    // --- what a holder of bytes can do -------------------------------------------------------

    @Override
    public JoinedData copy() {
        return replace(content().copy());
    }

    @Override
    public JoinedData duplicate() {
        return replace(content().duplicate());
    }

    @Override
    public JoinedData retainedDuplicate() {
        return replace(content().retainedDuplicate());
    }

    @Override
    public JoinedData replace(ByteBuf content) {
        var other = new JoinedData(content, stream);
        other.flowControlledBytes = flowControlledBytes;
        other.endStream = endStream;
        return other;
    }

    @Override
    public JoinedData retain() {
        super.retain();
        return this;
    }

    @Override
    public JoinedData retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public JoinedData touch() {
        super.touch();
        return this;
    }

    @Override
    public JoinedData touch(Object hint) {
        super.touch(hint);
        return this;
    }
}
