package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;

/**
 * How many frames of one HTTP/2 connection may carry neither a request nor a body that somebody
 * reads: some at once, and then so many a second. On the event loop.
 */
final class Http2ControlFrames {
    /** How many are forgiven with each second, as a part of how many there may be. */
    private static final int REFILL_PARTS = 10;

    /** Whoever is sent much needs to send many WINDOW_UPDATE frames: one more for so many bytes. */
    private static final int BYTES_PER_FRAME = 1024;

    private final LimitsConfig limits;
    private double allowed;
    private long allowedNanos;
    private boolean begun;

    Http2ControlFrames(LimitsConfig limits) {
        this.limits = limits;
        this.allowed = limits.http2ControlFrames();
    }

    /** Counts one more; whether that is too many. */
    boolean isTooMany(ChannelHandlerContext ctx) {
        long now = ctx.executor().ticker().nanoTime();
        long since = begun ? now - allowedNanos : 0;
        begun = true;
        int max = limits.http2ControlFrames();
        double seconds = since / (double) TimeUnit.SECONDS.toNanos(1);
        allowed = Math.min(max, allowed + seconds * max / REFILL_PARTS) - 1;
        allowedNanos = now;
        return allowed < 0;
    }

    /** So many bytes went to the client. */
    void sent(int bytes) {
        allowed += bytes / (double) BYTES_PER_FRAME;
    }
}
