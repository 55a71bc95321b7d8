package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import io.netty.util.concurrent.Ticker;

/**
 * How long one request body may still keep us waiting: at each pause for {@code body-idle} at most,
 * and in all for {@code body-idle} and what its bytes so far take at {@code body-rate}. Only time
 * in which we asked for bytes and none were there counts; whatever holds us up on the other side is
 * not held against the client. One per body, on the event loop and in its clock.
 */
final class BodyPace {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** More than anybody waits, and far from where a sum would overflow. */
    private static final long LEFT_MAX_NANOS = Long.MAX_VALUE / 4;

    private final Ticker ticker;
    private final long idleNanos;
    private final long bytesPerSecond;
    private long leftNanos;
    private long sinceNanos;
    private boolean waiting;

    BodyPace(LimitsConfig limits, Ticker ticker) {
        this.ticker = ticker;
        this.idleNanos = limits.bodyIdle().toNanos();
        this.bytesPerSecond = limits.bodyRate();
        this.leftNanos = idleNanos;
    }

    /**
     * We ask for bytes, and none are there.
     *
     * @return nanoseconds until the client is late if nothing comes
     */
    long waiting() {
        long now = ticker.nanoTime();
        if (!waiting) {
            waiting = true;
            sinceNanos = now;
        }
        return Math.min(idleNanos, leftNanos) - (now - sinceNanos);
    }

    /** Whether we wait for the client. */
    boolean isWaiting() {
        return waiting;
    }

    /** Bytes came, asked for or not. */
    void came(int bytes) {
        if (bytes == 0) {
            return; // It can be had without end, and brings the body no further.
        }
        if (waiting) {
            waiting = false;
            leftNanos -= ticker.nanoTime() - sinceNanos;
        }
        leftNanos = Math.min(LEFT_MAX_NANOS, leftNanos + bytes * NANOS_PER_SECOND / bytesPerSecond);
    }
}
