package dev.portcullis.testing;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread does; what never comes fails the test and does not hang it. */
public final class Await {
    /** How long a broken one may take to be red; what is whole takes no part of it. */
    private static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(20);

    private Await() {}

    /**
     * Waits until that is so.
     *
     * @param what is waited for, in words
     */
    public static void until(String what, BooleanSupplier met) {
        long end = System.nanoTime() + GIVEN_UP_AFTER.toNanos();
        while (!met.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("never came: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /**
     * Waits until somebody has counted it down.
     *
     * @param what is waited for, in words
     */
    public static void until(String what, CountDownLatch latch) {
        try {
            if (!latch.await(GIVEN_UP_AFTER.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("never came: " + what);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
