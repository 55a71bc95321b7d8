package dev.portcullis.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One WebSocket whose every echo is held against what was sent. On the loop. */
final class EchoSocket extends ChannelInboundHandlerAdapter {
    /** Told what comes. */
    interface Owner {
        void opened(EchoSocket socket);

        /** These many whole echoes came at once. */
        void echoed(EchoSocket socket, int count);

        void failed(String why);
    }

    private static final int UNDER_WAY_MAX = 4096;

    private final Frames frames;
    private final ByteBuf upgrade;
    private final Owner owner;
    private final AnswerCheck opening = new AnswerCheck(101, Unpooled.EMPTY_BUFFER);
    private final long[] dueNanos = new long[UNDER_WAY_MAX];
    private @Nullable ChannelHandlerContext context;
    private boolean open;
    private boolean closing;
    private long sent;
    private long echoed;
    private int at;

    EchoSocket(Frames frames, ByteBuf upgrade, Owner owner) {
        this.frames = frames;
        this.upgrade = upgrade;
        this.owner = owner;
    }

    /**
     * Sends the next messages in one piece.
     *
     * @param nanos when they were due, for {@link #latencyNanos}
     */
    void send(int count, long nanos) {
        int left = count;
        while (left > 0) {
            int from = (int) (sent % frames.count());
            int part = Math.min(left, frames.count() - from);
            for (int i = 0; i < part; i++) {
                dueNanos[(int) (sent++ % UNDER_WAY_MAX)] = nanos;
            }
            ctx().write(frames.slice(from, part));
            left -= part;
        }
        ctx().flush();
        if (sent - echoed > UNDER_WAY_MAX) {
            owner.failed("more than " + UNDER_WAY_MAX + " messages without an echo");
        }
    }

    /** How long after it was due the {@code n}th last echo came. */
    long latencyNanos(int n) {
        return System.nanoTime() - dueNanos[(int) ((echoed - n) % UNDER_WAY_MAX)];
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            if (done.isSuccess()) {
                ctx.writeAndFlush(upgrade.duplicate());
            } else {
                owner.failed(String.valueOf(done.cause()));
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var in = (ByteBuf) message;
        if (!open && opening.feed(in)) {
            open = true;
            owner.opened(this);
        }
        if (open) {
            compare(in);
        } else if (opening.problem() != null) {
            owner.failed(opening.problem());
        }
        in.release();
    }

    private void compare(ByteBuf in) {
        int whole = 0;
        int length = frames.expectedLength();
        int end = frames.expected().writerIndex();
        while (in.isReadable()) {
            int part = Math.min(in.readableBytes(), end - at);
            if (!ByteBufUtil.equals(frames.expected(), at, in, in.readerIndex(), part)) {
                owner.failed("another echo (expected: what was sent)");
                return;
            }
            in.skipBytes(part);
            whole += (at + part) / length - at / length;
            at = (at + part) % end;
        }
        if (whole > 0) {
            echoed += whole;
            owner.echoed(this, whole);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!closing) {
            owner.failed(open ? "socket closed" : "closed before it opened");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!closing) {
            owner.failed(String.valueOf(cause));
        }
    }

    /** Whether it was opened and neither side has closed it since. */
    boolean isOpen() {
        return open && ctx().channel().isActive();
    }

    void close() {
        closing = true;
        ctx().close();
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(context);
    }
}
