package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The client's end of an embedded channel: takes what is flushed. Without it the channel itself
 * would run other tasks in the middle of a write, as no event loop does.
 */
final class Wire extends ChannelOutboundHandlerAdapter {
    private final Http2Output output;
    private final Deque<Written> unflushed = new ArrayDeque<>();

    private record Written(ByteBuf bytes, ChannelPromise promise) {}

    Wire(Http2Output output) {
        this.output = output;
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        // Bytes come when they are put in.
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        unflushed.add(new Written((ByteBuf) message, promise));
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        for (Written written; (written = unflushed.poll()) != null; ) {
            boolean open = ctx.channel().isActive();
            if (open) {
                output.add(written.bytes);
            }
            written.bytes.release();
            if (open) {
                written.promise.trySuccess();
            } else {
                written.promise.tryFailure(new ClosedChannelException());
            }
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        flush(ctx);
    }
}
