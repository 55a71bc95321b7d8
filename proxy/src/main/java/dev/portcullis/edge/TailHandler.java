package dev.portcullis.edge;

import dev.portcullis.metrics.Meters;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the pipeline: whatever nobody caught closes the connection. A peer that breaks off is
 * nothing to talk about; a fault of ours is, and whoever waits for an answer is told of it. Shared
 * by all connections.
 */
@Sharable
final class TailHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(TailHandler.class);

    private final Meters meters;

    TailHandler(Meters meters) {
        this.meters = meters;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                meters.handshakeDone();
            } else {
                meters.handshakeFailed();
                ctx.close();
            }
        } else if (event instanceof SslCloseCompletionEvent) {
            ctx.close(); // The client said goodbye in TLS: nothing it still wants can be trusted.
        } else if (event == MemoryShort.EVENT) {
            MemoryShort.makeRoom(ctx.channel(), meters);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        LOG.atError().addKeyValue("type", message.getClass()).log("A message reached the tail");
        ReferenceCountUtil.release(message);
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (isThePeersFault(cause)) {
            LOG.atDebug()
                    .addKeyValue("cause", cause.getClass().getSimpleName())
                    .log("Peer broke off");
        } else {
            Faults.report(cause);
            if (isTold(ctx)) {
                return;
            }
        }
        ctx.close();
    }

    private static boolean isTold(ChannelHandlerContext ctx) {
        var gate = ctx.pipeline().get(GateHandler.class);
        try {
            return gate != null && gate.failed();
        } catch (RuntimeException another) {
            Faults.report(another);
            return false;
        }
    }

    private static boolean isThePeersFault(Throwable cause) {
        return cause instanceof IOException
                || (cause instanceof DecoderException && cause.getCause() instanceof SSLException);
    }
}
