package dev.portcullis.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One keep-alive connection with at most one request under way, every answer checked. */
final class HttpConnection extends ChannelInboundHandlerAdapter {
    /** Told what comes. */
    interface Owner {
        void answered(HttpConnection connection, long latencyNanos);

        void failed(String why);
    }

    private final ByteBuf request;
    private final AnswerCheck check;
    private final Owner owner;
    private @Nullable ChannelHandlerContext context;
    private long dueNanos;
    private boolean closing;

    HttpConnection(ByteBuf request, ByteBuf expected, Owner owner) {
        this.request = request;
        this.check = new AnswerCheck(200, expected);
        this.owner = owner;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /**
     * Asks.
     *
     * @param nanos when it was due
     */
    void send(long nanos) {
        dueNanos = nanos;
        ctx().writeAndFlush(request.duplicate());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var in = (ByteBuf) message;
        boolean whole = check.feed(in);
        boolean more = whole && in.isReadable();
        in.release();
        var problem = check.problem();
        if (problem != null || more) {
            owner.failed(problem == null ? "more than one answer" : problem);
        } else if (whole) {
            owner.answered(this, System.nanoTime() - dueNanos);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!closing) {
            owner.failed("connection closed");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!closing) {
            owner.failed(String.valueOf(cause));
        }
    }

    void close() {
        closing = true;
        ctx().close();
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(context);
    }
}
