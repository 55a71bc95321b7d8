package dev.portcullis.edge;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * On a listener: one that cannot accept, as when descriptors are short, pauses for a moment instead
 * of asking again at once and for ever. Whoever is connected goes on.
 */
@Sharable
final class AcceptPause extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(AcceptPause.class);
    private static final long PAUSE_MILLIS = 200;

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        var config = ctx.channel().config();
        if (config.isAutoRead()) {
            config.setAutoRead(false);
            LOG.atWarn()
                    .addKeyValue("cause", String.valueOf(cause.getMessage()))
                    .log("Connections cannot be accepted; trying again shortly");
            ctx.executor()
                    .schedule(() -> config.setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
