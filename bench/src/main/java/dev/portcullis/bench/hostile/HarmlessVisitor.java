package dev.portcullis.bench.hostile;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Does as much as a hostile one of the same kind, and none of it is harm: as many handshakes, as
 * many requests, but allowed ones and each when the last is answered; and it stays as long. One per
 * connection.
 */
final class HarmlessVisitor extends ChannelInboundHandlerAdapter {
    private final Kind kind;
    private final Words words;
    private final Count count;
    private int left;

    HarmlessVisitor(Kind kind, Words words, Count count) {
        this.kind = kind;
        this.words = words;
        this.count = count;
        this.left = kind == Kind.FLOOD ? Words.REQUESTS_OF_A_FLOOD : 1;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (kind == Kind.RESET) {
            ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
        } else if (kind.seconds() > 0) {
            ctx.executor().schedule(() -> ctx.close(), kind.seconds(), TimeUnit.SECONDS);
        }
        ctx.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
            count.shaken(kind);
            ask(ctx);
        }
    }

    private void ask(ChannelHandlerContext ctx) {
        left--;
        ctx.writeAndFlush(words.good());
    }

    /** An answer of this size comes in one piece. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
        if (left > 0) {
            ask(ctx);
        } else if (kind == Kind.FLOOD || kind == Kind.GUESS) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
