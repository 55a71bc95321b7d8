package dev.portcullis.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.function.Consumer;

/**
 * Lays the pipeline of the protocol that the handshake agreed on (RFC 7301), and is gone. A client
 * that names none speaks HTTP/1.1. One per connection.
 */
final class ProtocolChoice extends ChannelInboundHandlerAdapter {
    private final Consumer<ChannelPipeline> http1;
    private final Consumer<ChannelPipeline> http2;

    ProtocolChoice(Consumer<ChannelPipeline> http1, Consumer<ChannelPipeline> http2) {
        this.http1 = http1;
        this.http2 = http2;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.channel().isActive()) {
            ctx.read();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read(); // The first bytes of the handshake; TLS asks for the others.
        ctx.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            var tls = java.util.Objects.requireNonNull(ctx.pipeline().get(SslHandler.class));
            boolean two = ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol());
            (two ? http2 : http1).accept(ctx.pipeline());
            ctx.fireUserEventTriggered(event);
            ctx.pipeline().remove(this);
        } else if (event instanceof Drain) {
            ctx.close(); // Nothing was asked yet.
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }
}
