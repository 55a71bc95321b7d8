package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.login.OwnRoutes;
import dev.portcullis.upstream.RelayEnd;
import dev.portcullis.upstream.RelayFailure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests to our own routes: gathers the small body that some of them take, and asks. One
 * per connection.
 *
 * <p><b>In:</b> {@link OwnCall} and its body; {@link RelayEnd}. <b>Out, towards the gate:</b> a
 * {@link LocalResponse}, or a {@link RelayFailure} if there is none. Everything else passes by.
 */
final class OwnRoutesHandler extends ChannelInboundHandlerAdapter {
    private @Nullable OwnCall call;
    private @Nullable OwnBody gathering;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var into = gathering;
        if (message instanceof OwnCall begun) {
            begin(ctx, begun);
        } else if (into == null) {
            ctx.fireChannelRead(message);
        } else if (message instanceof ByteBuf piece) {
            gather(ctx, into, piece);
        } else if (message == BodyEnd.END) {
            ask(ctx, into.bytes());
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, OwnCall begun) {
        call = begun;
        var head = begun.head();
        var body = new OwnBody(OwnRoutes.bodyBytesMax(head.target().path()));
        if (head.isWebSocket()) {
            fail(ctx, 404, Reason.ROUTE_NOT_ALLOWED);
        } else if (!body.fits(head.bodyLength())) {
            fail(ctx, 413, Reason.BODY_TOO_LARGE);
        } else if (head.hasBody()) {
            gathering = body;
            if (head.expectsContinue()) {
                ctx.write(AnswerSignal.CONTINUE);
            }
            ctx.read();
        } else {
            ask(ctx, body.bytes());
        }
    }

    private void gather(ChannelHandlerContext ctx, OwnBody into, ByteBuf piece) {
        boolean fits = into.add(piece);
        piece.release();
        if (fits) {
            ctx.read();
        } else {
            fail(ctx, 413, Reason.BODY_TOO_LARGE);
        }
    }

    private void ask(ChannelHandlerContext ctx, byte[] body) {
        var asked = java.util.Objects.requireNonNull(call);
        gathering = null;
        asked.routes()
                .answer(asked.head(), body, asked.client())
                .whenCompleteAsync(
                        (response, failure) -> answered(ctx, asked, response, failure),
                        ctx.executor());
    }

    private void answered(
            ChannelHandlerContext ctx,
            OwnCall asked,
            @Nullable LocalResponse response,
            @Nullable Throwable failure) {
        if (!asked.equals(call) || !ctx.channel().isActive()) {
            return; // Too late: that request is over.
        }
        call = null;
        if (response == null) {
            Faults.report(failure);
            ctx.writeAndFlush(new RelayFailure(500, Reason.INTERNAL_ERROR));
        } else {
            ctx.writeAndFlush(response);
        }
    }

    private void fail(ChannelHandlerContext ctx, int status, Reason reason) {
        forget();
        ctx.writeAndFlush(new RelayFailure(status, reason));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof RelayEnd) {
            forget();
        }
        ctx.fireUserEventTriggered(event);
    }

    private void forget() {
        call = null;
        gathering = null;
    }
}
