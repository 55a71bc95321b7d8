package dev.portcullis.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Ids that are remembered until an instant, each with a word of who has it. Bounded: what is full
 * says so, since forgetting one early would let it be used again. Any thread.
 *
 * <p>One is forgotten when the instant is there, and not before as much time has gone by: a wall
 * clock that jumps ahead and is set right again lets nothing be used again. What is lent is given
 * back by then, wherever the wall clock stands.
 */
final class ExpiringIds {
    /** An id within its scope. */
    record Id(String scope, String id) {
        private static final char BETWEEN = '\n'; // In no scope of ours.

        /** As one word. */
        String word() {
            return scope + BETWEEN + id;
        }

        static Id of(String word) {
            int at = word.indexOf(BETWEEN);
            return new Id(word.substring(0, at), word.substring(at + 1));
        }
    }

    private record Held(Id id, String holder, Instant until, long untilNanos) {}

    private final int idsMax;
    private final LongSupplier nanoTime;
    private final Consumer<Id> onGone;
    private final Map<Id, Held> held = new HashMap<>();
    private final TreeSet<Held> byEnd =
            new TreeSet<>(
                    Comparator.comparing(Held::until)
                            .thenComparing(h -> h.id().scope())
                            .thenComparing(h -> h.id().id()));

    ExpiringIds(int idsMax, LongSupplier nanoTime) {
        this(idsMax, nanoTime, id -> {});
    }

    /**
     * @param nanoTime monotonic time, such as {@code System::nanoTime}
     * @param onGone told of each id that is forgotten, under the lock
     */
    ExpiringIds(int idsMax, LongSupplier nanoTime, Consumer<Id> onGone) {
        this.idsMax = idsMax;
        this.nanoTime = nanoTime;
        this.onGone = onGone;
    }

    /**
     * Remembers an id that was not there.
     *
     * @return false if it was, or if its end has come: what cannot be remembered is not taken
     * @throws IllegalStateException if nothing more can be remembered
     */
    synchronized boolean add(Id id, Instant now, Instant until) {
        removeExpired(now);
        if (held.containsKey(id) || !until.isAfter(now)) {
            return false;
        }
        put(held(id, "", now, until), now);
        return true;
    }

    /**
     * Remembers an id that was kept, whatever the limit is now: it was taken under another.
     *
     * @return false if its end has come
     */
    synchronized boolean takeUp(Id id, Instant now, Instant until) {
        if (!until.isAfter(now)) {
            return false;
        }
        hold(held(id, "", now, until));
        return true;
    }

    /**
     * Remembers an id, there or not; the later end stands.
     *
     * @throws IllegalStateException if nothing more can be remembered
     */
    synchronized void keep(Id id, Instant now, Instant until) {
        removeExpired(now);
        var there = held.get(id);
        if (there == null || there.until.isBefore(until)) {
            put(held(id, "", now, until), now);
        }
    }

    /**
     * Gives the id to the holder, unless it is somebody else's.
     *
     * @throws IllegalStateException if nothing more can be remembered
     */
    synchronized boolean lease(Id id, String holder, Instant now, Instant until) {
        removeExpired(now);
        var there = held.get(id);
        if (there != null && !there.holder.equals(holder) && !isOver(there)) {
            return false;
        }
        put(held(id, holder, now, until), now);
        return true;
    }

    synchronized boolean contains(Id id, Instant now) {
        removeExpired(now);
        return held.containsKey(id);
    }

    synchronized void release(Id id, String holder) {
        var there = held.get(id);
        if (there != null && there.holder.equals(holder)) {
            held.remove(id);
            byEnd.remove(there);
        }
    }

    synchronized @Nullable Instant until(Id id) {
        var there = held.get(id);
        return there == null ? null : there.until;
    }

    synchronized Stream<Id> ids() {
        return List.copyOf(held.keySet()).stream();
    }

    /** Whether there are more than there may be: they were taken up. */
    synchronized boolean isOverfull() {
        return held.size() > idsMax;
    }

    synchronized int size() {
        return held.size();
    }

    private Held held(Id id, String holder, Instant now, Instant until) {
        // Saturates: a token may end in the year 9999.
        long left = TimeUnit.NANOSECONDS.convert(Duration.between(now, until));
        return new Held(id, holder, until, nanoTime.getAsLong() + left);
    }

    private boolean isOver(Held one) {
        return nanoTime.getAsLong() - one.untilNanos >= 0;
    }

    private void put(Held next, Instant now) {
        if (!next.until.isAfter(now)) {
            return; // What carries it is refused anyway.
        }
        if (held.size() >= idsMax && !held.containsKey(next.id)) {
            throw new IllegalStateException("nothing more can be remembered (expected: fewer ids)");
        }
        hold(next);
    }

    private void hold(Held next) {
        var before = held.put(next.id, next);
        if (before != null) {
            byEnd.remove(before);
        }
        byEnd.add(next);
    }

    private void removeExpired(Instant now) {
        while (!byEnd.isEmpty() && !byEnd.first().until.isAfter(now) && isOver(byEnd.first())) {
            var gone = byEnd.pollFirst().id;
            held.remove(gone);
            onGone.accept(gone);
        }
    }
}
