package dev.portcullis.edge;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.time.Duration;

/**
 * Counts the streams of one connection that end in a reset, whoever sends it: a client that resets,
 * and one that makes us reset, costs the same work. On the event loop.
 */
final class Http2Resets {
    private static final Duration WINDOW = Duration.ofSeconds(30);

    private final int max;
    private long windowNanos;
    private int count;
    private boolean stopped;
    private int resetByClient;

    /**
     * @param max how many there may be in 30 seconds
     */
    Http2Resets(int max) {
        this.max = max;
    }

    /** Counts one more; whether that is too many. */
    boolean isTooMany(long nowNanos) {
        if (count == 0 || nowNanos - windowNanos >= WINDOW.toNanos()) {
            windowNanos = nowNanos;
            count = 0;
        }
        count++;
        return count > max;
    }

    /**
     * The encoder, counting the resets it writes.
     *
     * @param history where they are kept in mind
     */
    Http2ConnectionEncoder counting(Http2ConnectionEncoder encoder, StreamHistory history) {
        return new DecoratingHttp2ConnectionEncoder(encoder) {
            @Override
            public ChannelFuture writeRstStream(
                    ChannelHandlerContext ctx, int stream, long error, ChannelPromise promise) {
                if (stream == resetByClient) { // A reset answers no reset: RFC 9113 §5.4.2.
                    return promise.setSuccess();
                }
                if (!history.wasResetByUs(stream)) { // Netty writes it once, however often asked.
                    history.resetByUs(stream);
                    count(ctx);
                }
                writeOrDrop(ctx, stream);
                return super.writeRstStream(ctx, stream, error, promise);
            }

            // No DATA behind the reset (RFC 9113 §5.1), whatever opens its window later.
            private void writeOrDrop(ChannelHandlerContext ctx, int id) {
                var stream = connection().stream(id);
                try {
                    flowController().writePendingBytes();
                    if (stream != null && flowController().hasFlowControlled(stream)) {
                        stream.close(); // Netty drops what it keeps of it.
                    }
                } catch (Http2Exception e) {
                    ctx.fireExceptionCaught(e);
                }
            }
        };
    }

    /** We reset a stream, or read a head for one that is not served: it costs the same. */
    void count(ChannelHandlerContext ctx) {
        if (isTooMany(ctx.executor().ticker().nanoTime()) && !stopped) {
            stopped = true;
            ctx.fireUserEventTriggered(Http2Flood.RESETS);
        }
    }

    /** The client resets it, and Netty is about to note that; 0 when it is done. */
    void resetByClient(int stream) {
        resetByClient = stream;
    }

    /** What else the client has sent is not read: the connection ends. */
    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }
}
