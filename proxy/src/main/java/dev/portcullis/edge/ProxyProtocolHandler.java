package dev.portcullis.edge;

import static io.netty.handler.codec.ByteToMessageDecoder.MERGE_CUMULATOR;

import dev.portcullis.runtime.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * First on a connection from a trusted balancer: takes the header of PROXY protocol off, which must
 * be there, whole and in time, or the connection is closed without a word. One per connection, gone
 * after the header.
 *
 * <p><b>In:</b> bytes. <b>Out:</b> the bytes behind the header.
 */
final class ProxyProtocolHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyProtocolHandler.class);

    private final Duration time;
    private final BiConsumer<InetSocketAddress, Runnable> admit;
    private @Nullable Deadline deadline;
    private @Nullable ByteBuf kept;
    private boolean known;

    /**
     * @param time for the whole header
     * @param admit told who it is; builds the rest of the pipeline and runs what it is given, now
     *     or later, or closes the channel
     */
    ProxyProtocolHandler(Duration time, BiConsumer<InetSocketAddress, Runnable> admit) {
        this.time = time;
        this.admit = admit;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = new Deadline(ctx.executor(), () -> refuse(ctx));
        deadline.set(time);
        if (ctx.channel().isActive()) {
            ctx.read();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
        ctx.fireChannelActive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel();
        }
        if (kept != null) {
            kept.release();
            kept = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        if (kept == null) {
            kept = bytes;
        } else { // Copied: a chain of as many buffers as bytes would be walked for each byte.
            kept = MERGE_CUMULATOR.cumulate(ctx.alloc(), kept, bytes);
        }
        if (known) {
            return; // What one read was too long for.
        }
        var peer = (InetSocketAddress) ctx.channel().remoteAddress();
        switch (ProxyHeader.read(kept)) {
            case ProxyHeader.Incomplete _ -> ctx.read();
            case ProxyHeader.Malformed _ -> refuse(ctx);
            case ProxyHeader.Balancer(int length) -> pass(ctx, peer, length);
            case ProxyHeader.Client(var client, int length) -> pass(ctx, client, length);
        }
    }

    /** As when a health check ends in a reset: nobody else hears of it before there is a client. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    private void refuse(ChannelHandlerContext ctx) {
        LOG.atDebug()
                .addKeyValue("peer", ctx.channel().remoteAddress())
                .log("A trusted balancer sent no header of PROXY protocol");
        ctx.close();
    }

    private void pass(ChannelHandlerContext ctx, InetSocketAddress client, int length) {
        known = true;
        java.util.Objects.requireNonNull(kept).skipBytes(length);
        ClientAddress.name(ctx.channel(), client);
        admit.accept(client, () -> goOn(ctx));
    }

    /** There is what the rest goes to. */
    private void goOn(ChannelHandlerContext ctx) {
        var rest = kept;
        kept = null;
        if (rest != null && rest.isReadable() && ctx.channel().isActive()) {
            ctx.fireChannelRead(rest);
            ctx.fireChannelReadComplete();
        } else if (rest != null) {
            rest.release();
        }
        ctx.pipeline().remove(this);
    }
}
