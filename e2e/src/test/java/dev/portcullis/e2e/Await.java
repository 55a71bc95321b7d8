package dev.portcullis.e2e;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Waits for what another process does, which no clock of ours can advance. */
final class Await {
    private static final long PAUSE_MILLIS = 50;

    private Await() {}

    /** Something to look for. */
    @FunctionalInterface
    interface Probe<T> {
        /** What is sought, or empty if it is not there yet. */
        Optional<T> look() throws IOException;
    }

    /** Something that becomes true. */
    @FunctionalInterface
    interface Condition {
        /** Whether it has. */
        boolean holds() throws IOException;
    }

    /** Waits until the condition holds; fails the test if it does not in time. */
    static void until(String what, Duration atMost, Condition condition) throws IOException {
        until(what, atMost, () -> condition.holds() ? Optional.of(true) : Optional.empty());
    }

    /** Waits until the probe finds something; fails the test if it does not in time. */
    static <T> T until(String what, Duration atMost, Probe<T> probe) throws IOException {
        long end = System.nanoTime() + atMost.toNanos();
        while (true) {
            var found = probe.look();
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        what + ": not within " + atMost.toMillis() + " ms (expected: in time)");
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting", e);
        }
    }
}
