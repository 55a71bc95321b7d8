package dev.portcullis.edge;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether what goes out to a client stands still, as looks at it from time to time find it. One for
 * each connection or stream that is looked at, on its event loop.
 */
final class Standstill {
    /** Looks in a row at the same place: five seconds, for they come once a second. */
    private static final int LOOKS = 5;

    /**
     * What comes sooner is no look: after a pause of this process several come at once, and the
     * client had no time to read in between.
     */
    private static final long APART_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

    private @Nullable Object message;
    private long place;
    private long lookedNanos;
    private int looks;

    /**
     * One look.
     *
     * @param out the message that is going out; kept to know it again, and never read
     * @param at how far everything is
     * @param nowNanos by the clock of the event loop
     * @return whether it has stood still for long
     */
    @SuppressWarnings("ReferenceEquality") // Another one with the same bytes is another one.
    boolean isLong(@Nullable Object out, long at, long nowNanos) {
        if (looks == 0 || message != out || place != at) {
            message = out;
            place = at;
            lookedNanos = nowNanos;
            looks = 1;
        } else if (nowNanos - lookedNanos >= APART_NANOS) {
            lookedNanos = nowNanos;
            looks++;
        }
        return looks > LOOKS;
    }

    /** Nothing waits. */
    void moved() {
        looks = 0;
        message = null;
    }
}
