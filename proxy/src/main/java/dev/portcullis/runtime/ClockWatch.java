package dev.portcullis.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when the wall clock is set: it then moves away from monotonic time by more than any
 * correction of its rate would. Looked at four times a second, on one thread.
 */
public final class ClockWatch {
    /** Below a leap second, above what a clock is corrected by in a quarter of a second. */
    static final Duration STEP_MIN = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);
    private static final long EVERY_MILLIS = 250;

    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Consumer<Duration> stepped;
    private Instant seen;
    private long seenNanos;

    /**
     * @param clock wall-clock time
     * @param nanoTime monotonic time
     * @param stepped told of each step, by how much: less than nothing when the clock was set back
     */
    ClockWatch(InstantSource clock, LongSupplier nanoTime, Consumer<Duration> stepped) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.stepped = stepped;
        this.seenNanos = nanoTime.getAsLong();
        this.seen = clock.instant();
    }

    /**
     * Begins to watch.
     *
     * @param timer one thread of ours, not an event loop
     */
    public static void start(
            InstantSource clock, Consumer<Duration> stepped, ScheduledExecutorService timer) {
        var watch = new ClockWatch(clock, System::nanoTime, stepped);
        timer.scheduleWithFixedDelay(
                watch::look, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    void look() {
        var step = step();
        if (step != null) {
            try {
                stepped.accept(step);
            } catch (RuntimeException fault) { // The next step must be noticed all the same.
                LOG.error("a step of the clock was not acted on in full", fault);
            }
        }
    }

    private @Nullable Duration step() {
        long before = nanoTime.getAsLong();
        var now = clock.instant();
        long nanos = nanoTime.getAsLong();
        if (nanos - before > STEP_MIN.toNanos() / 2) {
            return null; // We were held up between the two: the next look tells.
        }
        var step = Duration.between(seen, now).minusNanos(nanos - seenNanos);
        seen = now;
        seenNanos = nanos;
        return step.abs().compareTo(STEP_MIN) < 0 ? null : step;
    }
}
