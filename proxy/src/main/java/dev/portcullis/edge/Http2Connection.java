package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.Decision;
import dev.portcullis.runtime.Deadline;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What concerns an HTTP/2 connection and none of its streams: how long it may idle, and how it
 * ends. A connection that is to end takes no new streams, lets the open ones end, and closes with
 * the last of them (RFC 9113 §6.8). One per connection.
 *
 * <p><b>In:</b> frames of the connection, {@link Http2Flood}, {@link Drain}, {@link MemoryShort}.
 */
final class Http2Connection extends ChannelInboundHandlerAdapter {
    /** Streams that were on their way when the stop was told are still served. */
    private static final long LAST_STREAMS_MILLIS = 500;

    /** How long a client has to read a goodbye and close. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final int NO_ANSWER = 0;

    /** Requests that announce no body and have not ended. */
    private static final int UNENDED_MAX = 8;

    /** Of more than two of them: few bytes on the wire are many here. */
    private static final int UNENDED_BYTES = 64 * 1024;

    private final LimitsConfig limits;
    private final Meters meters;
    private final Supplier<Gate> gate;
    private final Http2Turns turns;
    private final Http2Unread unread;
    private final Set<Channel> streams = ConcurrentHashMap.newKeySet();
    private @Nullable ChannelHandlerContext context;
    private @Nullable Deadline idle;
    private int unended;
    private int unendedBytes;
    private boolean begun;
    private boolean ending;
    private boolean draining;

    /**
     * @param gate the one of the moment
     * @param turns of the requests of this connection
     * @param unread frames of it
     */
    Http2Connection(
            LimitsConfig limits,
            Meters meters,
            Supplier<Gate> gate,
            Http2Turns turns,
            Http2Unread unread) {
        this.limits = limits;
        this.meters = meters;
        this.gate = gate;
        this.turns = turns;
        this.unread = unread;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        context = ctx;
        idle = new Deadline(ctx.executor(), () -> idle(ctx));
        idleDeadline().set(limits.headTime());
        openWindow(ctx);
        ctx.flush(); // Our SETTINGS, and the window.
        ctx.read();
    }

    /** Lets streams send at once what one stream that is not read cannot hold up. */
    private void openWindow(ChannelHandlerContext ctx) {
        var connection =
                Objects.requireNonNull(ctx.pipeline().get(Http2FrameCodec.class)).connection();
        int window = connection.local().flowController().windowSize(connection.connectionStream());
        int more = limits.http2ConnectionWindow() - window;
        if (more > 0) {
            ctx.write(new DefaultHttp2WindowUpdateFrame(more));
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        idleDeadline().cancel();
    }

    // --- streams -----------------------------------------------------------------------------

    /** A stream was opened. */
    void opened(Channel stream) {
        begun = true;
        streams.add(stream);
        idleDeadline().clear();
        stream.closeFuture().addListener(_ -> closed(stream));
    }

    /** When the requests of the streams begin. */
    Http2Turns turns() {
        return turns;
    }

    /** Whether the client opens no window for what waits of a stream, and none of it goes out. */
    boolean isUnread(Channel channel, Standstill standstill) {
        int stream = ((Http2StreamChannel) channel).stream().id();
        if (!output().isWindowClosed(stream)) { // Else the connection stands still, or does not.
            standstill.moved();
            return false;
        }
        long now = channel.eventLoop().ticker().nanoTime();
        return standstill.isLong(null, output().sent(stream), now);
    }

    private Http2FrameOutput output() {
        var codec = Objects.requireNonNull(context().pipeline().get(Http2FrameCodec.class));
        return (Http2FrameOutput) codec.encoder().frameWriter();
    }

    /** So many more bytes, and requests, wait for the end of a request that has not begun. */
    void unended(int more, int requests) {
        unended += requests;
        unendedBytes += more;
        HalfReceived.of(context().channel()).waiting(more);
    }

    /** Each costs some kilobytes, and an honest client ends what it says is empty at once. */
    boolean isTooManyUnended() {
        return unended > UNENDED_MAX || (unended > 2 && unendedBytes > UNENDED_BYTES);
    }

    /** The answer of a stream is whole, and not out: what comes of its request waits. */
    void answered(Channel stream) {
        if (streams.contains(stream)) { // It may be over.
            unread.answered(((Http2StreamChannel) stream).stream());
        }
    }

    /** A stream has read it. */
    void read(Http2DataFrame frame) {
        unread.read(frame);
    }

    /** What waited for a client that did not read makes room. */
    void cutUnread() {
        meters.limitReached(Limit.MEMORY);
    }

    /** A request that waited for a window, or would have, is refused as not begun. */
    void refusedUnread() {
        meters.limitReached(Limit.HTTP2_STREAMS);
    }

    private void closed(Channel stream) {
        streams.remove(stream);
        turns.leave(stream);
        unread.leave(((Http2StreamChannel) stream).stream());
        if (streams.isEmpty() && context().channel().isActive()) {
            if (ending) {
                context().executor().execute(this::closeIfDone); // What ends it goes out first.
            } else {
                idleDeadline().set(limits.keepAlive());
            }
        }
    }

    private void idle(ChannelHandlerContext ctx) {
        if (ending) {
            ctx.close();
        } else {
            endAfterStreams(); // There are none.
        }
    }

    // --- the end -----------------------------------------------------------------------------

    /** An answer was called the last one: the client opens a new connection for more. */
    void lastAnswer() {
        if (!draining) {
            endAfterStreams();
        }
    }

    /** No further streams; closes with the last that is open. */
    void endAfterStreams() {
        if (ending) {
            return;
        }
        ending = true;
        goAway(Http2Error.NO_ERROR, 0);
        closeIfDone();
    }

    private void closeIfDone() {
        if (streams.isEmpty()) {
            close();
        }
    }

    /**
     * Says goodbye first, and waits a moment for the client to close: closing over unread bytes
     * would reset the connection, and the last answers with it.
     */
    private void close() {
        var ctx = context();
        idleDeadline().set(LINGER);
        ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(_ -> endOutput(ctx));
    }

    private static void endOutput(ChannelHandlerContext ctx) {
        var tls = ctx.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        }
    }

    private void goAway(Http2Error error, int furtherStreams) {
        var frame = new DefaultHttp2GoAwayFrame(error);
        frame.setExtraStreamIds(furtherStreams);
        context().writeAndFlush(frame);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            case Drain drain -> drain(ctx, drain);
            case MemoryShort _ -> {
                if (begun && streams.isEmpty() && event == MemoryShort.EVENT) {
                    endAfterStreams(); // What is kept for a next request makes room.
                }
                List.copyOf(streams).forEach(s -> s.pipeline().fireUserEventTriggered(event));
                ctx.fireUserEventTriggered(event);
            }
            case Http2Flood flood -> {
                if (flood == Http2Flood.FIELDS) {
                    writeDown(ctx);
                } else {
                    meters.limitReached(flood.limit());
                }
                ending = true;
                turns.end();
                goAway(Http2Error.ENHANCE_YOUR_CALM, 0);
                close();
            }
            default -> ctx.fireUserEventTriggered(event);
        }
    }

    /** A head that is refused like any other, but for its answer: there is none. */
    private void writeDown(ChannelHandlerContext ctx) {
        new RequestTrail(gate.get(), ClientConnection.of(ctx.channel()), null)
                .denied(new Decision.Deny(NO_ANSWER, Reason.HEAD_TOO_LARGE));
    }

    private void drain(ChannelHandlerContext ctx, Drain drain) {
        for (var stream : List.copyOf(streams)) {
            stream.pipeline().fireUserEventTriggered(drain);
        }
        if (ending) {
            return;
        }
        draining = true;
        goAway(Http2Error.NO_ERROR, Integer.MAX_VALUE);
        ctx.executor().schedule(this::endAfterStreams, LAST_STREAMS_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2GoAwayFrame) {
            ReferenceCountUtil.release(message);
            endAfterStreams(); // Told to the client too: what it still asks for is not served.
        } else if (message instanceof Http2Frame) {
            ReferenceCountUtil.release(message); // SETTINGS and PING, answered already.
        } else {
            ctx.fireChannelRead(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        // One that is not being read would wait for a reader.
        List.copyOf(streams).forEach(stream -> stream.unsafe().closeForcibly());
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof Http2Exception)) { // Else the codec says which rule was broken.
            turns.stop();
            ctx.fireExceptionCaught(cause);
        }
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context);
    }

    private Deadline idleDeadline() {
        return Objects.requireNonNull(idle);
    }
}
