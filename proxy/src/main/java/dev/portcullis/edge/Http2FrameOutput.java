package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2HeadersEncoder.SensitivityDetector;
import org.jspecify.annotations.Nullable;

/**
 * Writes the frames of one HTTP/2 connection, and counts what goes out of each stream: what of it
 * waits is known in whole writes only, and a client may read less than that in a second. On the
 * event loop.
 */
final class Http2FrameOutput extends DefaultHttp2FrameWriter {
    private final Http2Connection connection;
    private final Http2Connection.PropertyKey key;

    private static final class Sent {
        private long bytes;
    }

    /**
     * @param sensitive fields that no table keeps
     */
    Http2FrameOutput(Http2Connection connection, SensitivityDetector sensitive) {
        super(sensitive);
        this.connection = connection;
        this.key = connection.newKey();
    }

    @Override
    public ChannelFuture writeData(
            ChannelHandlerContext ctx,
            int stream,
            ByteBuf data,
            int padding,
            boolean end,
            ChannelPromise promise) {
        var open = connection.stream(stream);
        if (open != null) {
            @Nullable Sent sent = open.getProperty(key);
            if (sent == null) {
                sent = new Sent();
                open.setProperty(key, sent);
            }
            sent.bytes += data.readableBytes();
        }
        return super.writeData(ctx, stream, data, padding, end, promise);
    }

    /** Without a word: Netty's tell of its buffers, and say back what was sent (RFC 9113 §6.8). */
    @Override
    public ChannelFuture writeGoAway(
            ChannelHandlerContext ctx,
            int last,
            long error,
            ByteBuf debug,
            ChannelPromise promise) {
        debug.release();
        return super.writeGoAway(ctx, last, error, Unpooled.EMPTY_BUFFER, promise);
    }

    /** Bytes of bodies that went out of that stream. */
    long sent(int stream) {
        var open = connection.stream(stream);
        @Nullable Sent sent = open == null ? null : open.getProperty(key);
        return sent == null ? 0 : sent.bytes;
    }

    /** Whether the client's windows let nothing more out of that stream (RFC 9113 §6.9). */
    boolean isWindowClosed(int stream) {
        var open = connection.stream(stream);
        var windows = connection.remote().flowController();
        return open == null
                || windows.windowSize(open) <= 0
                || windows.windowSize(connection.connectionStream()) <= 0;
    }
}
