package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.GatewayAnswer;
import dev.portcullis.runtime.LateFlush;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the Gateway: carries one exchange at a time, and between two of them waits in
 * the pool. A byte or a close that nobody expects ends it. On the event loop of its client.
 *
 * <p><b>In:</b> bytes of the Gateway. <b>Out:</b> calls of the {@link Exchange}, one piece for each
 * {@link #read()}.
 */
final class GatewayConnection extends ChannelInboundHandlerAdapter {
    /** Whoever the connection works for at the moment. */
    interface Exchange {
        /** The head of the answer; 101 only if an upgrade was asked for. */
        void onHead(GatewayAnswer.Head head);

        /** A piece of the body, or of the tunnel: the exchange's to release. */
        void onBytes(ByteBuf bytes);

        /** Nothing more for now: what was handed on may be flushed. */
        void onBatchEnd();

        /** The answer is whole. */
        void onEnd();

        /**
         * There will be no (more) answer, and the connection is closed.
         *
         * @param untouched whether not one byte of the answer had come
         */
        void onFailure(Reason reason, boolean untouched);

        /** Room again, or no more, for what goes to the Gateway. */
        void onWritabilityChanged();
    }

    private static final Logger LOG = LoggerFactory.getLogger(GatewayConnection.class);

    /** How long a Gateway that does not read keeps a connection that is over. */
    private static final Duration LAST_FLUSH = Duration.ofSeconds(3);

    private final GatewayPool pool;
    private final GatewayAnswerReader reader = new GatewayAnswerReader();
    private @Nullable ChannelHandlerContext context;
    private @Nullable LateFlush output;
    private @Nullable Exchange exchange;
    private boolean demand;
    private boolean pumping;
    private boolean used;
    private boolean closing;
    private boolean gone;
    private boolean broken;
    private long idleSinceNanos;

    GatewayConnection(GatewayPool pool) {
        this.pool = pool;
    }

    /** Begins an exchange with its head. */
    void begin(Exchange exchange, ByteBuf head, boolean toHeadRequest, boolean toUpgrade) {
        this.exchange = exchange;
        reader.expect(toHeadRequest, toUpgrade);
        write(head);
    }

    /** Hands the exchange on: what comes from now on is the other's. */
    void takeOver(Exchange next) {
        exchange = next;
    }

    /** Whether it carried an exchange before this one. */
    boolean wasUsed() {
        return used;
    }

    void write(ByteBuf bytes) {
        channel().write(bytes, channel().voidPromise()); // What fails ends the connection.
    }

    void flush() {
        output().request();
        if (!isWritable()) {
            output().now(); // Room is made before anybody stops reading for want of it.
        }
    }

    boolean isWritable() {
        return channel().isWritable();
    }

    /** Asks for the next piece of the answer. */
    void read() {
        demand = true;
        pump();
    }

    /** The exchange is over: back to the pool if nothing speaks against it, else closed. */
    void release(boolean requestComplete) {
        exchange = null;
        demand = false;
        if (requestComplete && reader.isReusable() && channel().isActive()) {
            used = true;
            idleSinceNanos = System.nanoTime();
            pool.park(this);
            channel().read(); // A byte now, or the end, is noticed.
        } else {
            close();
        }
    }

    /** Ends the connection, and whatever it carries is no longer told. */
    void close() {
        exchange = null;
        reader.release();
        output().now(); // What was said last, as a close frame, still gets there.
        channel().close();
    }

    /** Ends the connection when everything written is out, or the Gateway had its time to read. */
    void closeAfterFlush() {
        exchange = null;
        closing = true;
        reader.release();
        var channel = channel();
        var late =
                channel.eventLoop()
                        .schedule(
                                () -> channel.close(),
                                LAST_FLUSH.toMillis(),
                                TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(_ -> late.cancel(false));
        channel.writeAndFlush(channel.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
    }

    long idleNanos() {
        return System.nanoTime() - idleSinceNanos;
    }

    boolean isActive() {
        return channel().isActive();
    }

    // --- bytes from the Gateway --------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        output = new LateFlush(ctx.executor(), ctx.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        if (exchange == null) {
            bytes.release(); // Nobody asked for them: whatever they are, they end the connection.
            pool.remove(this);
            if (!closing) {
                close();
            }
            return;
        }
        reader.offer(ctx.alloc(), bytes);
        pump();
    }

    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (demand && exchange != null && deliver()) {
                // Until nothing is wanted, or nothing is left.
            }
        } finally {
            pumping = false;
        }
        if (demand && exchange != null) {
            if (gone) {
                lost();
            } else if (channel().isActive()) {
                channel().read();
            }
        }
    }

    private boolean deliver() {
        var working = exchange;
        var message = reader.poll();
        if (message == null || working == null) {
            return false;
        }
        demand = false;
        switch (message) {
            case ByteBuf bytes -> working.onBytes(bytes);
            case GatewayAnswer.Head head -> working.onHead(head);
            case BodyEnd _ -> working.onEnd();
            case GatewayAnswer.Refused(var reason) -> {
                close();
                working.onFailure(reason, false);
            }
            default -> throw new IllegalStateException("not an answer: " + message.getClass());
        }
        return true;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        var working = exchange;
        if (working != null) {
            working.onBatchEnd();
            if (demand) {
                ctx.read();
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        var working = exchange;
        if (working != null) {
            working.onWritabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        pool.remove(this);
        gone = true;
        if (exchange == null) {
            reader.release();
        } else if (demand) {
            pump();
        } else if (!reader.hasMore()) {
            lost();
        } // Otherwise the exchange takes what is here when its client has room for it.
    }

    private void lost() {
        var working = exchange;
        exchange = null;
        boolean untouched = reader.awaitsFirstByte();
        boolean whole = reader.endsWithConnection() && !broken;
        reader.release();
        if (working != null) {
            if (whole) {
                working.onEnd();
            } else {
                working.onFailure(Reason.GATEWAY_CLOSED, untouched);
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        var working = exchange;
        if (cause instanceof IOException || working == null) {
            broken = true; // An answer that lasts until the end has none.
            ctx.close(); // A reset is how a Gateway that dies says so; channelInactive follows.
        } else {
            LOG.error("An exchange failed inside the proxy", cause);
            close();
            working.onFailure(Reason.INTERNAL_ERROR, false);
        }
    }

    private LateFlush output() {
        return java.util.Objects.requireNonNull(output);
    }

    private Channel channel() {
        return java.util.Objects.requireNonNull(context).channel();
    }
}
