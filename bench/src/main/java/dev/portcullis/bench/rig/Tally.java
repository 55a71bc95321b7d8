package dev.portcullis.bench.rig;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Counts what one window of load came to. Written on the loop, read when it is over. */
public final class Tally {
    private final long[] nanos;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final long begun = System.nanoTime();
    private int done;
    private long ended;
    private volatile @Nullable String problem;

    /**
     * @param count how many there will be, unless one fails
     */
    public Tally(int count) {
        nanos = new long[count];
    }

    /** One went well. */
    public void good(long latencyNanos) {
        if (done < nanos.length) {
            nanos[done++] = latencyNanos;
            if (done == nanos.length) {
                ended = System.nanoTime();
                over.complete(null);
            }
        }
    }

    /** One went wrong: the window is void. */
    public void bad(String why) {
        if (problem == null) {
            problem = why;
        }
        ended = System.nanoTime();
        over.complete(null);
    }

    /** Waits for the last one. */
    public Tally await(long seconds) throws InterruptedException {
        try {
            over.get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            bad(done + " of " + nanos.length + " after " + seconds + " s");
        } catch (java.util.concurrent.ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
        return this;
    }

    /** What went wrong first, or null. */
    public @Nullable String problem() {
        return problem;
    }

    /** How many went well. */
    public int count() {
        return done;
    }

    /** How many in a second. */
    public double perSecond() {
        return done * 1e9 / (ended - begun);
    }

    /** The latency that this share of them kept, in microseconds. */
    public double micros(double share) {
        if (done == 0) {
            return Double.NaN;
        }
        var sorted = Arrays.copyOf(nanos, done);
        Arrays.sort(sorted);
        return sorted[Math.min(done - 1, (int) (done * share))] / 1e3;
    }
}
