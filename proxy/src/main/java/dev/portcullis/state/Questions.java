package dev.portcullis.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What Redis must be asked or told until it answers, without flooding it when it is back: so many
 * at a time, and after a failure what is left waits longer and longer. Any thread.
 */
final class Questions {
    /** Far fewer than the link lets wait. */
    static final int BATCH = 500;

    private static final long PAUSE_NANOS = Duration.ofMillis(250).toNanos();
    private static final long PAUSE_NANOS_MAX = Duration.ofSeconds(8).toNanos();

    private final Function<String, CompletionStage<?>> asking;
    private final LongSupplier nanos;
    private final Set<String> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile long pauseNanos = PAUSE_NANOS;
    private volatile long notBeforeNanos;

    /**
     * @param asking sends one; whoever wants the answer takes it there
     * @param nanos time that only goes forward
     */
    Questions(Function<String, CompletionStage<?>> asking, LongSupplier nanos) {
        this.asking = asking;
        this.nanos = nanos;
        this.notBeforeNanos = nanos.getAsLong();
    }

    /** To be asked at the next round. */
    void add(Collection<String> keys) {
        open.addAll(keys);
    }

    boolean contains(String key) {
        return open.contains(key);
    }

    /** How many have no answer yet. */
    int size() {
        return open.size();
    }

    /** Begins with what is open, unless that is under way or it is too early. */
    void round() {
        if (!open.isEmpty()
                && nanos.getAsLong() - notBeforeNanos >= 0
                && underWay.compareAndSet(false, true)) {
            ask(open.stream().limit(BATCH).toList());
        }
    }

    private void ask(List<String> batch) {
        var each = new ArrayList<CompletableFuture<?>>(batch.size());
        for (var key : batch) {
            each.add(
                    asking.apply(key)
                            .thenAccept(answered -> open.remove(key))
                            .toCompletableFuture());
        }
        var _ =
                CompletableFuture.allOf(each.toArray(CompletableFuture[]::new))
                        .whenComplete((done, failure) -> over(failure == null));
    }

    private void over(boolean allAnswered) {
        if (allAnswered) {
            pauseNanos = PAUSE_NANOS;
        } else {
            notBeforeNanos = nanos.getAsLong() + pauseNanos;
            pauseNanos = Math.min(2 * pauseNanos, PAUSE_NANOS_MAX);
        }
        underWay.set(false);
        if (allAnswered) {
            round();
        }
    }
}
