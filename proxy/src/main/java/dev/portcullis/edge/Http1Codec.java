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
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on the wire, our own messages behind it. One per connection.
 *
 * <p><b>In:</b> bytes. <b>Out, towards the gate:</b> {@link RequestHead}, then for each {@code
 * read()} a piece of its body ({@link ByteBuf}) or {@link BodyEnd}; or one {@link Refusal}, and
 * nothing after it. <b>From the gate:</b> {@link AnswerSignal}, {@link ResponseHead}, {@link
 * ByteBuf}, {@link BodyEnd}.
 *
 * <p>One request at a time: bytes of a second one wait here until the answer to the first is out.
 * Reading has one owner, and that is demand: body bytes are read only when somebody asked. A 101
 * turns the connection into a tunnel.
 */
final class Http1Codec extends ChannelDuplexHandler {
    /** How much of a body that nobody wants is read before the connection is cut, in bytes. */
    private static final long DISCARD_BYTES_MAX = 64 * 1024;

    /** Of a message that broke the rules of a WebSocket: a reset would take the close frame. */
    private static final long TUNNEL_DISCARD_BYTES_MAX = 4 * 1024 * 1024;

    /** How long a client has to read a last answer and close. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final LimitsConfig limits;
    private final Http1RequestReader reader;
    private @Nullable Deadline deadline;
    private @Nullable Http1Output output;
    private HalfReceived.@Nullable Of half;
    private @Nullable RequestHead request;
    private @Nullable BodyPace pace;
    private boolean demand;
    private boolean pumping;
    private boolean answering;
    private boolean answered;
    private boolean closeAfterAnswer;
    private boolean discarding;
    private boolean closing;
    private boolean begun;
    private boolean served;
    private long discarded;
    private long discardMax = DISCARD_BYTES_MAX;

    Http1Codec(LimitsConfig limits) {
        this.limits = limits;
        this.reader = new Http1RequestReader(limits.head(), limits.fields(), limits.body());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = new Deadline(ctx.executor(), () -> late(ctx));
        output = new Http1Output(ctx);
        half = HalfReceived.of(ctx.channel());
        if (ctx.channel().isActive()) {
            begin(ctx);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        deadline().cancel();
        reader.release();
        output().release();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        begin(ctx);
        ctx.fireChannelActive();
    }

    private void begin(ChannelHandlerContext ctx) {
        if (ctx.pipeline().get(SslHandler.class) == null) {
            deadline().set(limits.headTime());
        } // Otherwise the handshake has a deadline of its own, and ours starts at its end.
        ctx.read();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            deadline().set(limits.headTime());
            ctx.read();
        }
        if (event == MemoryShort.EVENT && waitsForNextRequest(ctx)) {
            closeGently(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Whether there was one, its answer is out, and nothing of another has come. */
    private boolean waitsForNextRequest(ChannelHandlerContext ctx) {
        var output = ctx.channel().unsafe().outboundBuffer();
        return served
                && reader.expectsHead()
                && !reader.midwayInHead()
                && !answering
                && !discarding
                && !closing
                && output != null
                && output.totalPendingWriteBytes() == 0;
    }

    // --- bytes from the client -------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        if (closing || reader.isStopped()) {
            discarded += bytes.readableBytes();
            bytes.release();
            if (discarded > discardMax) {
                close(ctx, ctx.newPromise());
            }
            return;
        }
        if (reader.expectsHead() && !reader.midwayInHead()) {
            deadline().set(limits.headTime());
            begun = true;
        }
        if (pace != null) {
            pace.came(bytes.readableBytes());
        }
        reader.offer(ctx.alloc(), bytes);
        pump(ctx);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        if (closing || reader.isStopped()) {
            ctx.read();
        } else {
            pump(ctx);
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        demand = true;
        pump(ctx);
    }

    /** Hands on what is wanted and there; asks the socket for what is wanted and not there. */
    private void pump(ChannelHandlerContext ctx) {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (isWanted(ctx) && deliver(ctx)) {
                // Until nothing is wanted, or nothing is left.
            }
        } finally {
            pumping = false;
        }
        boolean waits = reader.midwayInHead() || reader.isComplete();
        half().message(waits ? reader.bufferedBytes() : 0);
        if (waits) {
            reader.settle(ctx.alloc());
        }
        if (ctx.channel().isActive() && wantsBytes(ctx)) {
            ctx.read();
        }
    }

    private boolean isWanted(ChannelHandlerContext ctx) {
        if (reader.expectsHead()) {
            // A client that asks and does not read gets no further answers: they would pile up
            // here.
            return !answering && ctx.channel().isWritable();
        }
        return demand || discarding;
    }

    private boolean wantsBytes(ChannelHandlerContext ctx) {
        if (reader.isComplete()) {
            // One read stays out while the answer is made, so that a client that goes is noticed.
            return reader.bufferedBytes() < limits.head();
        }
        return !reader.isStopped() && isWanted(ctx);
    }

    private boolean deliver(ChannelHandlerContext ctx) {
        var message = reader.poll();
        if (message == null) {
            if (pace != null && reader.expectsBody() && !discarding) {
                deadline().setNanos(pace.waiting());
            }
            return false;
        }
        if (discarding) {
            discard(ctx, message);
            return true;
        }
        if (!reader.expectsHead()) {
            deadline().clear();
        }
        demand = false;
        if (message instanceof RequestHead head) {
            request = head;
            pace = head.hasBody() ? newPace(ctx) : null;
            answering = true;
            closeAfterAnswer |= head.closeAfter();
        }
        ctx.fireChannelRead(message);
        return true;
    }

    private BodyPace newPace(ChannelHandlerContext ctx) {
        var begun = new BodyPace(limits, ctx.executor().ticker());
        begun.came(reader.bufferedBytes()); // With the head.
        return begun;
    }

    private void discard(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf piece) {
            discarded += piece.readableBytes();
            piece.release();
            if (discarded > DISCARD_BYTES_MAX) {
                closeGently(ctx);
            }
        } else if (message instanceof Refusal) {
            closeGently(ctx); // One request, one answer: that one is out.
        } else {
            discarding = false;
            readNext(ctx);
        }
    }

    private void late(ChannelHandlerContext ctx) {
        boolean silent = reader.expectsHead() && !(begun && reader.midwayInHead());
        boolean answerIsOut = closing || discarding || answered;
        if (answerIsOut || silent || reader.isStopped() || !ctx.channel().isWritable()) {
            close(ctx, ctx.newPromise());
            return;
        }
        var reason = reader.expectsHead() ? Reason.HEAD_TIMEOUT : Reason.BODY_TIMEOUT;
        reader.stop();
        ctx.fireChannelRead(new Refusal(408, reason));
    }

    // --- answers to the client -------------------------------------------------------------

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (message) {
            case ByteBuf bytes -> output().writeBody(bytes, reader.isTunnel(), promise);
            case ResponseHead head -> writeHead(head, promise);
            case BodyEnd _ -> {
                writeEnd(promise);
                answered = true;
            }
            case AnswerSignal signal -> writeSignal(signal, promise);
            default -> throw new IllegalArgumentException("not an answer: " + message.getClass());
        }
    }

    private void writeEnd(ChannelPromise promise) {
        if (reader.isTunnel()) { // Ours ends, and what still comes of the client's is dropped.
            closeAfterAnswer = true;
            discardMax = TUNNEL_DISCARD_BYTES_MAX;
            promise.setSuccess();
        } else {
            output().writeEnd(promise);
        }
    }

    private void writeSignal(AnswerSignal signal, ChannelPromise promise) {
        switch (signal) {
            case CONTINUE -> output().writeContinue(promise);
            case OURS -> promise.setSuccess();
            case LAST -> {
                closeAfterAnswer = true;
                promise.setSuccess();
            }
        }
    }

    private void writeHead(ResponseHead head, ChannelPromise promise) {
        var asked = request;
        boolean toHead = asked != null && asked.method() == Method.HEAD;
        boolean tunnel = head.status() == ResponseHead.SWITCHING_PROTOCOLS;
        boolean tooMuchLeft =
                reader.bodyRemaining() > DISCARD_BYTES_MAX
                        || (asked != null && asked.expectsContinue() && !reader.isComplete());
        boolean upgradeFailed = asked != null && asked.isWebSocket() && !tunnel;
        closeAfterAnswer |= reader.isStopped() || tooMuchLeft || upgradeFailed;
        answering = true;
        output().writeHead(head, toHead, closeAfterAnswer && !tunnel, promise);
        if (tunnel) {
            request = null;
            deadline().clear();
            reader.openTunnel();
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        output().flush();
        if (answered) {
            answered = false;
            afterAnswer(ctx);
        }
    }

    private void afterAnswer(ChannelHandlerContext ctx) {
        request = null;
        answering = false;
        served = true;
        if (closeAfterAnswer || closing) {
            closeGently(ctx);
        } else if (reader.isComplete()) {
            readNext(ctx);
        } else {
            discarding = true;
            discarded = 0;
            deadline().set(LINGER);
            pump(ctx);
        }
    }

    private void readNext(ChannelHandlerContext ctx) {
        reader.nextRequest();
        begun = reader.midwayInHead();
        awaitHead(ctx);
        pump(ctx);
    }

    private void awaitHead(ChannelHandlerContext ctx) {
        if (!ctx.channel().isWritable()) {
            deadline().set(limits.answerIdle());
        } else {
            deadline().set(begun ? limits.headTime() : limits.keepAlive());
        }
    }

    /**
     * Says goodbye first and closes when the client has: closing over unread bytes would reset the
     * connection, and the answer with it.
     */
    private void closeGently(ChannelHandlerContext ctx) {
        if (closing) {
            return;
        }
        boolean nothingUnread = reader.isComplete() && reader.bufferedBytes() == 0;
        beginNothingMore();
        var flushed = ctx.writeAndFlush(ctx.alloc().buffer(0));
        if (nothingUnread) {
            deadline().set(limits.answerIdle()); // For a client that does not read the last of it.
            flushed.addListener(ChannelFutureListener.CLOSE);
            return;
        }
        deadline().set(LINGER);
        flushed.addListener(_ -> endOutput(ctx));
        ctx.read();
    }

    /**
     * Once it is to close, no request begins: not one that waits here, nor one that still comes.
     */
    private void beginNothingMore() {
        if (!closing) {
            closing = true;
            discarded = 0;
            reader.stop();
        }
    }

    private static void endOutput(ChannelHandlerContext ctx) {
        var tls = ctx.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        } else if (ctx.channel() instanceof SocketChannel socket) {
            socket.shutdownOutput();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (reader.expectsHead() && !answering) {
            awaitHead(ctx);
            pump(ctx);
        } else if (!reader.isTunnel() && answering) {
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

    /** What was flushed before is out before the connection closes, and so is half an answer. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        beginNothingMore();
        if (answering) {
            output().flush();
        }
        output().flushNow();
        ctx.close(promise);
    }

    private Http1Output output() {
        return Objects.requireNonNull(output);
    }

    private Deadline deadline() {
        return Objects.requireNonNull(deadline);
    }

    private HalfReceived.Of half() {
        return Objects.requireNonNull(half);
    }
}
