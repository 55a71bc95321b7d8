package dev.portcullis.upstream;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.http.FrameScanner;

/**
 * How long a frame that a client has begun may take: {@code body-idle}, and what its bytes so far
 * take at {@code body-rate}. Time in which we do not read is not the client's: after it the measure
 * begins anew. Remembers where a frame begins and has no timer; somebody must look. On the event
 * loop.
 */
final class FramePace {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final FrameScanner scanner;
    private final OwnPing side;
    private final long idleNanos;
    private final long bytesPerSecond;
    private boolean underWay;
    private long framesBefore;
    private long sinceNanos;

    /**
     * @param scanner follows what the client sends
     * @param side may keep back the beginning of a pong, which the scanner has not seen then
     */
    FramePace(LimitsConfig limits, FrameScanner scanner, OwnPing side) {
        this.scanner = scanner;
        this.side = side;
        this.idleNanos = limits.bodyIdle().toNanos();
        this.bytesPerSecond = limits.bodyRate();
    }

    /** Something came, and the scanner has seen it. */
    void came() {
        boolean wasUnderWay = underWay;
        underWay = side.isMidFrame();
        if (underWay && !(wasUnderWay && scanner.frames() == framesBefore)) {
            framesBefore = scanner.frames();
            sinceNanos = System.nanoTime();
        }
    }

    /** We did not read up to now, by our own choice or for want of room. */
    void beginAnew() {
        sinceNanos = System.nanoTime();
    }

    boolean isUnderWay() {
        return underWay;
    }

    /** Nanoseconds until the frame under way is late; without one, as many as there can be. */
    long nanosLeft() {
        if (!underWay) {
            return Long.MAX_VALUE;
        }
        long mayTake = idleNanos + scanner.frameBytes() * NANOS_PER_SECOND / bytesPerSecond;
        return mayTake - (System.nanoTime() - sinceNanos);
    }
}
