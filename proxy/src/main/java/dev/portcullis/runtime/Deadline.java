package dev.portcullis.runtime;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One deadline of a connection, moved often and met seldom: moving it later costs an assignment,
 * not a timer. On the event loop; in its clock, which is monotonic.
 */
public final class Deadline {
    private final EventExecutor loop;
    private final Runnable missed;
    private long dueNanos;
    private boolean set;
    private long timerDueNanos;
    private @Nullable Future<?> timer;

    /**
     * @param missed runs on the loop when the deadline passes
     */
    public Deadline(EventExecutor loop, Runnable missed) {
        this.loop = loop;
        this.missed = missed;
    }

    /** Due that long from now, whatever it was before. */
    public void set(Duration fromNow) {
        setNanos(fromNow.toNanos());
    }

    /** As {@link #set}; at once if it is not more than 0. */
    public void setNanos(long fromNow) {
        set = true;
        dueNanos = now() + fromNow;
        if (timer == null || dueNanos < timerDueNanos) {
            arm();
        }
    }

    /** Due that long from now, unless it is due before. */
    public void setIfSooner(long fromNowNanos) {
        if (!set || now() + fromNowNanos < dueNanos) {
            setNanos(fromNowNanos);
        }
    }

    /** Not due any more. */
    public void clear() {
        set = false;
    }

    /** Not due ever again: lets go of the timer. */
    public void cancel() {
        set = false;
        disarm();
    }

    private void arm() {
        disarm();
        timerDueNanos = dueNanos;
        timer = loop.schedule(this::fired, Math.max(0, dueNanos - now()), TimeUnit.NANOSECONDS);
    }

    private void disarm() {
        var running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }

    private void fired() {
        timer = null;
        if (!set) {
            return;
        }
        if (now() < dueNanos) {
            arm();
        } else {
            set = false;
            missed.run();
        }
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
