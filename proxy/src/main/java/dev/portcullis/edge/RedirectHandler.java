package dev.portcullis.edge;

import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.Fields;
import dev.portcullis.http.Refusal;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.ResponseHead;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * Answers plain HTTP with a redirect to the public origin and nothing else: whatever the request
 * says, Host included, only its path and query are used. One per connection, and one answer each.
 *
 * <p><b>In:</b> {@link RequestHead} or {@link Refusal}. <b>Out:</b> a {@link ResponseHead} and its
 * end.
 */
final class RedirectHandler extends ChannelInboundHandlerAdapter {
    private final PublicOrigin origin;

    RedirectHandler(PublicOrigin origin) {
        this.origin = origin;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case RequestHead head ->
                    answer(ctx, 308, Fields.of("location", origin.origin() + head.target().full()));
            case Refusal refusal -> answer(ctx, refusal.status(), Fields.NONE);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private static void answer(ChannelHandlerContext ctx, int status, Fields fields) {
        ctx.write(AnswerSignal.LAST);
        ctx.write(new ResponseHead(status, fields, 0));
        ctx.writeAndFlush(BodyEnd.END);
    }
}
