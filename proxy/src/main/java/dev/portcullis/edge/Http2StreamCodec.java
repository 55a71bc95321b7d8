package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.Method;
import dev.portcullis.http.Refusal;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.runtime.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream, and our own messages behind it: the same as {@link Http1Codec} speaks, so that
 * all that follows is the same too. One per stream.
 *
 * <p>Demand drives reading here as well: a frame is taken, and its bytes are given back to the
 * client's window, only when somebody asked. A request that is not one clear request is answered in
 * a word like in HTTP/1.1, which RFC 9113 §8.1.1 allows, and its connection takes no further ones.
 * A 101 turns the stream into a tunnel (RFC 8441); its end is the tunnel's.
 */
final class Http2StreamCodec extends ChannelDuplexHandler {
    /** How long a client has to end its side of a stream whose answer is out. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** How long a client has to end its side of a socket that is over. */
    private static final Duration TUNNEL_LINGER = Duration.ofSeconds(3);

    private final LimitsConfig limits;
    private final Http2Connection connection;
    private final Http2RequestReader reader;
    private final Standstill standstill = new Standstill();
    private @Nullable Deadline deadline;
    private @Nullable RequestHead request;
    private @Nullable BodyPace pace;
    private @Nullable ResponseHead heldHead;
    private int held;
    private boolean waiting;
    private boolean demand;
    private boolean noBody;
    private boolean answerBegun;
    private boolean answerEnded;
    private boolean answerOut;
    private boolean tunnelEnded;
    private boolean isReset;
    private boolean last;
    private boolean malformed;
    private boolean ours;
    private boolean answerWaits;

    Http2StreamCodec(LimitsConfig limits, Http2Connection connection) {
        this.limits = limits;
        this.connection = connection;
        this.reader = new Http2RequestReader(limits.head(), limits.fields(), limits.body());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = new Deadline(ctx.executor(), () -> late(ctx));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        deadline().cancel();
        held(0);
        answerWaitsNoMore();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline().set(limits.headTime());
        waiting = true;
        if (connection.turns().tryEnter(ctx.channel(), () -> begin(ctx))) {
            ctx.fireChannelActive();
        } else {
            refuseUnread(ctx);
        }
    }

    /** Nothing was done for it, and it may be asked again (RFC 9113 §8.7). */
    private void refuseUnread(ChannelHandlerContext ctx) {
        connection.refusedUnread();
        reset(ctx, Http2Error.REFUSED_STREAM);
    }

    private void begin(ChannelHandlerContext ctx) {
        waiting = false;
        ctx.read();
    }

    // --- frames from the client --------------------------------------------------------------

    @Override
    public void read(ChannelHandlerContext ctx) {
        demand = true;
        pump(ctx);
    }

    private void pump(ChannelHandlerContext ctx) {
        if (demand && reader.isEndDue()) {
            deliver(ctx, reader.end());
        } else if (reader.wantsMore(demand)) {
            if (pace != null && reader.expectsBody()) {
                deadline().setNanos(pace.waiting());
            }
            ctx.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        if (frame instanceof Http2DataFrame data) {
            connection.read(data);
        }
        if (isReset) {
            ReferenceCountUtil.release(frame); // The client may not know it yet.
            return;
        }
        switch (frame) {
            case Http2HeadersFrame head -> {
                var list = (FieldList) head.headers();
                var message = reader.head(list, head.isEndStream());
                held(reader.isEndMissing() ? list.heapBytes() : 0);
                if (held > 0 && connection.isTooManyUnended()) {
                    refuseUnread(ctx);
                } else {
                    deliver(ctx, message);
                }
            }
            case Http2DataFrame data -> {
                if (pace != null) {
                    pace.came(data.content().readableBytes());
                }
                deliver(ctx, reader.data(data));
            }
            default -> {
                ReferenceCountUtil.release(frame); // Of a type that means nothing to us.
                pump(ctx);
            }
        }
    }

    /** So many bytes wait for the end of the stream. */
    private void held(int bytes) {
        if (held != bytes) {
            connection.unended(bytes - held, (bytes > 0 ? 1 : 0) - (held > 0 ? 1 : 0));
            held = bytes;
        }
    }

    private void deliver(ChannelHandlerContext ctx, @Nullable Object message) {
        if (message != null) {
            held(0);
            deadline().clear();
            demand = false;
            if (message instanceof RequestHead head) {
                request = head;
                pace = head.hasBody() ? new BodyPace(limits, ctx.executor().ticker()) : null;
            }
            malformed |= message instanceof Refusal refusal && refusal.status() == 400;
            ctx.fireChannelRead(message);
        }
        if (reader.isTunnelOver()) {
            endTunnel(ctx); // The client's goodbye: nothing it still wants can be asked for.
        } else if (answerEnded || tunnelEnded) {
            drop(ctx);
        } else if (message == null) {
            pump(ctx);
        }
    }

    /**
     * The answer is written: what still comes of the request is read within bounds, and dropped.
     * Beyond them it waits in its window until the answer is out.
     */
    private void drop(ChannelHandlerContext ctx) {
        if (reader.droppedTooMuch()) {
            if (answerOut) {
                reset(ctx, Http2Error.NO_ERROR);
            }
        } else if (!reader.isOver()) {
            ctx.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            case Http2ResetFrame _ -> {
                ReferenceCountUtil.release(event);
                // Once Netty has noted the end of the stream, so that no reset answers a reset.
                ctx.executor().execute(() -> ctx.close());
            }
            case MemoryShort.EVENT -> makeRoom(ctx);
            default -> ctx.fireUserEventTriggered(event);
        }
    }

    /** What waits for a client that does not read it goes. */
    private void makeRoom(ChannelHandlerContext ctx) {
        boolean waits = answerEnded ? !answerOut : !ctx.channel().isWritable();
        if (!waits) {
            standstill.moved();
        } else if (connection.isUnread(ctx.channel(), standstill)) {
            connection.cutUnread();
            ctx.fireUserEventTriggered(MemoryShort.CUT);
            cut(ctx, Http2Error.CANCEL);
        }
    }

    /** Now, whether the reset can go out or not: what the stream holds is given back. */
    private void cut(ChannelHandlerContext ctx, Http2Error error) {
        reset(ctx, error);
        ctx.close();
    }

    private void late(ChannelHandlerContext ctx) {
        if (answerOut) {
            reset(ctx, Http2Error.NO_ERROR);
        } else if (waiting) {
            refuseUnread(ctx);
        } else if (answerEnded || tunnelEnded || !ctx.channel().isWritable()) {
            reset(ctx, Http2Error.CANCEL); // The client does not read what it asked for.
        } else {
            var reason = request == null ? Reason.HEAD_TIMEOUT : Reason.BODY_TIMEOUT;
            reader.stop();
            ctx.fireChannelRead(new Refusal(408, reason));
        }
    }

    // --- answers to the client ---------------------------------------------------------------

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise asked) {
        var promise = asked.isVoid() ? ctx.newPromise() : asked; // An answer's end waits for it.
        if (isReset) {
            ReferenceCountUtil.release(message); // Nothing may follow (RFC 9113 §5.1).
            promise.setSuccess();
            return;
        }
        switch (message) {
            case ByteBuf bytes -> writeBody(ctx, bytes, promise);
            case ResponseHead head -> writeHead(ctx, head, promise);
            case BodyEnd _ -> writeEnd(ctx, promise);
            case AnswerSignal signal -> writeSignal(ctx, signal, promise);
            default -> throw new IllegalArgumentException("not an answer: " + message.getClass());
        }
    }

    private void writeSignal(
            ChannelHandlerContext ctx, AnswerSignal signal, ChannelPromise promise) {
        switch (signal) {
            case CONTINUE ->
                    ctx.writeAndFlush(
                            new DefaultHttp2HeadersFrame(Http2ResponseFields.asContinue()),
                            promise);
            case OURS -> {
                ours = true;
                promise.setSuccess();
            }
            case LAST -> {
                last = true;
                promise.setSuccess();
            }
        }
    }

    private void writeHead(ChannelHandlerContext ctx, ResponseHead head, ChannelPromise promise) {
        int status = head.status();
        boolean tunnel = status == ResponseHead.SWITCHING_PROTOCOLS;
        boolean toHead = request != null && request.method() == Method.HEAD;
        noBody = toHead || status == 204 || status == 304 || head.bodyLength() == 0;
        answerBegun = true;
        if (last && status != 421) { // That one says only that another connection is right.
            connection.lastAnswer();
        }
        if (noBody && !tunnel) {
            heldHead = head; // Goes out with the end, in one frame.
            promise.setSuccess();
            return;
        }
        ctx.write(new DefaultHttp2HeadersFrame(Http2ResponseFields.of(head)), promise);
        if (tunnel) {
            noBody = false;
            deadline().clear();
            reader.openTunnel();
        }
    }

    private void writeBody(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        if (noBody || tunnelEnded || !bytes.isReadable()) {
            bytes.release();
            promise.setSuccess();
        } else {
            ctx.write(new DefaultHttp2DataFrame(bytes), promise);
        }
    }

    private void writeEnd(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (reader.isTunnel()) {
            promise.setSuccess();
            endTunnel(ctx);
            return;
        }
        answerEnded = true;
        deadline().set(limits.answerIdle());
        var held = heldHead;
        heldHead = null;
        var frame =
                held == null
                        ? new DefaultHttp2DataFrame(true)
                        : new DefaultHttp2HeadersFrame(Http2ResponseFields.of(held), true);
        if (ours) {
            answerWaits = true;
            connection.turns().answersWait(1);
        }
        ctx.write(frame, promise).addListener(written -> answerOut(ctx, written.isSuccess()));
        if (!answerOut && !reader.isOver()) { // The client may be slow to read it.
            connection.answered(ctx.channel());
            reader.stop();
            drop(ctx);
        }
    }

    private void answerWaitsNoMore() {
        if (answerWaits) {
            answerWaits = false;
            connection.turns().answersWait(-1);
        }
    }

    private void answerOut(ChannelHandlerContext ctx, boolean written) {
        answerWaitsNoMore();
        answerOut = written;
        if (!written || reader.isOver()) {
            deadline().clear();
        } else if (reader.isBodyOnItsWay()) {
            reader.stop();
            deadline().set(LINGER);
            drop(ctx);
        } else {
            reset(ctx, Http2Error.NO_ERROR); // The answer is whole: RFC 9113 §8.1.
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (answerBegun && !answerEnded && !tunnelEnded && !reader.isTunnel()) {
            if (!ctx.channel().isWritable()) {
                deadline().set(limits.answerIdle());
            } else if (pace != null && pace.isWaiting() && reader.expectsBody()) {
                deadline().setNanos(pace.waiting());
            } else {
                deadline().clear();
            }
        }
        ctx.fireChannelWritabilityChanged();
    }

    // --- the end -----------------------------------------------------------------------------

    /**
     * Ends the stream as what it is: a socket with the end of its bytes, an answer that is written
     * when it is out, and anything else with a reset, for what is missing must not look complete.
     */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.channel().closeFuture().addListener(_ -> promise.trySuccess());
        if (reader.isTunnel()) {
            endTunnel(ctx);
        } else if (!answerEnded && !tunnelEnded) {
            reset(ctx, errorOfOurs());
        } // Otherwise its deadline minds it.
    }

    private Http2Error errorOfOurs() {
        if (waiting) {
            return Http2Error.REFUSED_STREAM;
        }
        if (malformed) {
            return Http2Error.PROTOCOL_ERROR; // RFC 9113 §8.1.1.
        }
        return answerBegun ? Http2Error.INTERNAL_ERROR : Http2Error.CANCEL;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof Http2Exception)) { // Else Netty ends the stream as what it is.
            ctx.fireExceptionCaught(cause);
        }
    }

    private void endTunnel(ChannelHandlerContext ctx) {
        if (tunnelEnded) {
            return;
        }
        tunnelEnded = true;
        reader.stop();
        deadline().set(TUNNEL_LINGER);
        ctx.writeAndFlush(new DefaultHttp2DataFrame(true))
                .addListener(written -> tunnelOut(ctx, written.isSuccess()));
        drop(ctx);
    }

    private void tunnelOut(ChannelHandlerContext ctx, boolean written) {
        answerOut = written;
        if (written && !reader.isOver()) {
            drop(ctx);
        }
    }

    private void reset(ChannelHandlerContext ctx, Http2Error error) {
        isReset = true;
        if (waiting) { // Whoever is told that it was not begun may ask again (RFC 9113 §8.7).
            connection.turns().leave(ctx.channel());
        }
        ctx.flush(); // What was written: nothing may follow a reset (RFC 9113 §5.1).
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(error)).addListener(_ -> ctx.close());
    }

    private Deadline deadline() {
        return Objects.requireNonNull(deadline);
    }
}
