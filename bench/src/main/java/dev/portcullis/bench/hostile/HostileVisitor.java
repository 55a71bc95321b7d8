package dev.portcullis.bench.hostile;

import dev.portcullis.bench.rig.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/** Means harm, in one of the ways. One per connection. */
final class HostileVisitor extends ChannelInboundHandlerAdapter {
    private static final ByteBuf HEAD_BEGUN = Wire.text("GET / HTTP/1.1\r\n");
    private static final ByteBuf MORE_OF_IT = Wire.text("a");

    private final Kind kind;
    private final Words words;
    private final Count count;
    private boolean answered;

    HostileVisitor(Kind kind, Words words, Count count) {
        this.kind = kind;
        this.words = words;
        this.count = count;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (kind == Kind.HALF_HANDSHAKE || kind == Kind.HALF_HELLO) {
            ctx.writeAndFlush(words.hello(kind == Kind.HALF_HANDSHAKE));
        } else if (kind == Kind.RESET) {
            ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            ctx.writeAndFlush(words.hello(false)).addListener(ChannelFutureListener.CLOSE);
        }
        ctx.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent done) || !done.isSuccess()) {
            return;
        }
        count.shaken(kind);
        if (kind == Kind.SLOW_HEAD) {
            ctx.writeAndFlush(HEAD_BEGUN.duplicate());
            drip(ctx);
        } else {
            ctx.writeAndFlush(kind == Kind.FLOOD ? words.flood() : words.guess());
        }
    }

    private static void drip(ChannelHandlerContext ctx) {
        ctx.executor()
                .schedule(
                        () -> {
                            if (ctx.channel().isActive()) {
                                ctx.writeAndFlush(MORE_OF_IT.duplicate());
                                drip(ctx);
                            }
                        },
                        1,
                        TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (kind == Kind.HALF_HANDSHAKE && !answered) {
            answered = true;
            count.shaken(kind);
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
