package dev.portcullis.login;

import dev.portcullis.runtime.OffLoop;
import dev.portcullis.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The refreshes that this process is at: one of a session at a time, however many ask for it, and
 * so many sessions at once as there are slots. What another in the fleet is at is waited for. Any
 * thread; the refreshes run on virtual ones.
 */
final class RefreshesUnderWay {
    private static final int SLOTS = 16;
    private static final int LOOKS_MAX = 50;
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

    private final RefreshTimes times;
    private final Function<String, OneRefresh> refreshes;
    private final BiConsumer<String, Throwable> failed;
    private final OffLoop offLoop = new OffLoop("portcullis-refresh", SLOTS);
    private final ConcurrentHashMap<String, CompletableFuture<Optional<Session>>> underWay =
            new ConcurrentHashMap<>();

    private volatile boolean closed;

    /**
     * @param refreshes one of a session, by its reference
     * @param failed told of each that came to nothing, before those who wait for it
     */
    RefreshesUnderWay(
            RefreshTimes times,
            Function<String, OneRefresh> refreshes,
            BiConsumer<String, Throwable> failed) {
        this.times = times;
        this.refreshes = refreshes;
        this.failed = failed;
    }

    /** The refresh under way or a new one; null while a failed one waits for its next try. */
    @Nullable CompletionStage<Optional<Session>> joined(String reference, Instant now) {
        boolean waits = times.waits(reference, now);
        var running = underWay.get(reference);
        return running != null ? running : waits ? null : begun(reference);
    }

    /** The refresh under way, or a new one. */
    CompletableFuture<Optional<Session>> begun(String reference) {
        var mine = new CompletableFuture<Optional<Session>>();
        var running = underWay.putIfAbsent(reference, mine);
        if (running != null) {
            return running;
        }
        times.begun(reference);
        look(reference, mine, 1);
        return mine;
    }

    /** While somebody else in the fleet is at it, no slot is taken between two looks. */
    private void look(String reference, CompletableFuture<Optional<Session>> mine, int looks) {
        offLoop.call(() -> refreshes.apply(reference).done())
                .whenComplete((outcome, failure) -> {
                    if (looks > 1 && failure instanceof RejectedExecutionException) {
                        lookAgain(reference, mine, looks); // Every slot is taken for a moment.
                        return;
                    }
                    if (failure != null) {
                        ended(reference, mine, failure);
                        return;
                    }
                    switch (outcome) {
                        case OneRefresh.Outcome.Known(var session) -> {
                            underWay.remove(reference, mine);
                            mine.complete(session);
                        }
                        case OneRefresh.Outcome.Elsewhere() -> lookAgain(reference, mine, looks);
                    }
                });
    }

    private void lookAgain(String reference, CompletableFuture<Optional<Session>> mine, int looks) {
        if (looks < LOOKS_MAX && !closed) {
            LATER.execute(() -> look(reference, mine, looks + 1));
        } else {
            ended(reference, mine, new TimeoutException("somebody else is at it for too long"));
        }
    }

    private void ended(
            String reference, CompletableFuture<Optional<Session>> mine, Throwable failure) {
        underWay.remove(reference, mine);
        failed.accept(reference, failure);
        mine.completeExceptionally(failure);
    }

    /**
     * Begins no more, and lets what is under way end. Blocks.
     *
     * @param patience with what they are at
     * @param settling then, for whoever was interrupted to keep what he has
     */
    void close(Duration patience, Duration settling) {
        closed = true;
        offLoop.close(patience);
        var _ =
                CompletableFuture.allOf(underWay.values().toArray(CompletableFuture[]::new))
                        .orTimeout(settling.toMillis(), TimeUnit.MILLISECONDS)
                        .handle((_, _) -> true)
                        .join();
    }

    /** Gives up what they are at. */
    void hurry() {
        offLoop.close();
    }
}
