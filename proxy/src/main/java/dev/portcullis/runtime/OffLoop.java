package dev.portcullis.runtime;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs what may block (the identity provider, a disk) on virtual threads, so that no event loop
 * ever waits. A fixed number of slots and no queue: full means failed, and failed means denied.
 */
public final class OffLoop implements AutoCloseable {
    private final ExecutorService threads;
    private final Semaphore slots;

    /**
     * @param name prefix of the threads' names
     * @param slotsMax how many pieces of work may run at once, at least 1
     */
    public OffLoop(String name, int slotsMax) {
        this.threads =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name(name + "-", 0).factory());
        this.slots = new Semaphore(slotsMax);
    }

    /**
     * Runs the work elsewhere. The stage completes on a thread of ours: come back to the loop with
     * {@code whenCompleteAsync(…, ctx.executor())}.
     *
     * @return fails with {@link RejectedExecutionException} at once if every slot is taken
     */
    public <T> CompletionStage<T> call(Callable<T> work) {
        if (!slots.tryAcquire()) {
            return CompletableFuture.failedStage(
                    new RejectedExecutionException("every slot for off-loop work is taken"));
        }
        var done = new CompletableFuture<T>();
        try {
            threads.execute(() -> complete(done, work));
        } catch (RejectedExecutionException closed) {
            slots.release();
            done.completeExceptionally(closed);
        }
        return done;
    }

    @SuppressWarnings("CatchAndPrintStackTrace")
    private <T> void complete(CompletableFuture<T> done, Callable<T> work) {
        try {
            T result;
            try {
                result = work.call();
            } finally {
                slots.release();
            }
            done.complete(result);
        } catch (Exception | LinkageError failure) {
            done.completeExceptionally(failure);
        }
    }

    /**
     * Takes nothing more, and interrupts what still runs after that time. Blocks until all has
     * ended, or for that time.
     */
    public void close(Duration patience) {
        threads.shutdown();
        try {
            var _ = threads.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    /** Interrupts what still runs. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
