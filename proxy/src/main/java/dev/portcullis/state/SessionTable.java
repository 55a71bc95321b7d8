package dev.portcullis.state;

import dev.portcullis.session.Session;
import dev.portcullis.session.SessionStore.Listed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sessions in memory, bounded, found by key, reference and what they stand on at the provider. Any
 * thread; looking a session up takes no lock.
 *
 * <p>Lifetimes are measured in monotonic time, from the moment at which the session came into the
 * table: a wall clock that is set back lengthens none, one that jumps ahead ends none. Wall-clock
 * time is for what outlasts this process.
 */
final class SessionTable {
    /** A session as it stands in the table, and under which deadline the reaper will look at it. */
    final class Entry {
        final String key;
        volatile Session session;

        /** In wall-clock time, for whoever keeps it and shows it. */
        volatile Instant lastUsed;

        private final long endsNanos;
        private volatile long usedNanos;

        /**
         * From which use on the kept record is too old: a twentieth of the idle lifetime later than
         * it says.
         */
        volatile long saveFromMillis;

        /** When the shared store was asked last, in nanoseconds; for stores that have one. */
        volatile long checkedNanos;

        /**
         * Since when the shared store does not answer for this one, in nanoseconds; 0 if it does.
         */
        private volatile long unansweredNanos;

        // Never later than the true deadline: using a session moves only the true one.
        private long queuedForNanos;

        private Entry(String key, Session session, Instant lastUsed, Instant now) {
            long nanos = nanoTime.getAsLong();
            this.key = key;
            this.session = session;
            this.lastUsed = lastUsed;
            this.usedNanos = nanos - age(lastUsed, now);
            this.endsNanos = nanos + left(now).toNanos();
            this.queuedForNanos = deadlineNanos();
            savedAt(lastUsed);
        }

        private static long age(Instant used, Instant now) {
            return now.isAfter(used) ? Duration.between(used, now).toNanos() : 0;
        }

        /** A clock that was set back since the session was kept does not give it more than all. */
        private Duration left(Instant now) {
            return Duration.between(
                    now.isBefore(session.startedAt()) ? session.startedAt() : now,
                    session.endsAt());
        }

        /** The shared store has answered. */
        void checkedAt(long nanos) {
            checkedNanos = nanos;
            unansweredNanos = 0;
        }

        /** The shared store has not answered, again; for how long. */
        Duration unansweredFor(long nanos) {
            if (unansweredNanos == 0) {
                unansweredNanos = nanos == 0 ? 1 : nanos;
            }
            return Duration.ofNanos(nanos - unansweredNanos);
        }

        /** The kept record says so now, or is about to. */
        void savedAt(Instant use) {
            saveFromMillis = use.toEpochMilli() + session.idle().toMillis() / SAVES_PER_IDLE;
        }

        /** Whether the kept record tells of an earlier use than the last. */
        boolean isBehind() {
            return lastUsed.toEpochMilli()
                    > saveFromMillis - session.idle().toMillis() / SAVES_PER_IDLE;
        }

        /** Whether the kept record is far behind; then it is taken to be written. */
        boolean wantsSaving() {
            var use = lastUsed;
            long early = saveFromMillis - use.toEpochMilli();
            long every = session.idle().toMillis() / SAVES_PER_IDLE;
            if (early > 0 && early <= 2 * every) { // More only if the clock was set back.
                return false;
            }
            savedAt(use);
            return true;
        }

        private long deadlineNanos() {
            long idle = usedNanos + session.idle().toNanos();
            return idle - endsNanos < 0 ? idle : endsNanos;
        }

        boolean lives() {
            return nanoTime.getAsLong() - deadlineNanos() < 0;
        }

        /** Marked as used, if it lives. */
        boolean use(Instant now) {
            long nanos = nanoTime.getAsLong();
            if (nanos - deadlineNanos() >= 0) {
                return false;
            }
            usedNanos = nanos;
            lastUsed = now;
            return true;
        }

        /** What was said elsewhere: never taken back to an earlier use. */
        private void usedElsewhere(Instant used, Instant now) {
            long then = nanoTime.getAsLong() - age(used, now);
            if (used.isAfter(lastUsed) && then - deadlineNanos() < 0) {
                lastUsed = used;
                usedNanos = then - usedNanos > 0 ? then : usedNanos;
            }
        }

        /** Whether no use elsewhere can make it live on. */
        boolean isPastItsEnd() {
            return nanoTime.getAsLong() - endsNanos >= 0;
        }
    }

    /** What a session stands on at the provider: its {@code sub}, or its {@code sid}. */
    private record Ground(boolean subject, String issuer, String id) {}

    private static final int SAVES_PER_IDLE = 20;

    private final int sessionsMax;
    private final LongSupplier nanoTime;
    private final ConcurrentHashMap<String, Entry> byKey = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Entry> byReference = new ConcurrentHashMap<>();
    // Both guarded by this, as is every change of the two maps above.
    private final Map<Ground, Set<Entry>> byGround = new HashMap<>();
    private final NavigableSet<Entry> byDeadline =
            new TreeSet<>(
                    ((Comparator<Entry>)
                                    (one, other) ->
                                            Long.signum(one.queuedForNanos - other.queuedForNanos))
                            .thenComparing(e -> e.key));

    /**
     * @param nanoTime monotonic time, such as {@code System::nanoTime}
     */
    SessionTable(int sessionsMax, LongSupplier nanoTime) {
        this.sessionsMax = sessionsMax;
        this.nanoTime = nanoTime;
    }

    /** Adds one that starts now. False if the table is full, or has the key or the reference. */
    synchronized boolean add(String key, Session session) {
        return add(key, session, session.startedAt(), session.startedAt());
    }

    private boolean add(String key, Session session, Instant lastUsed, Instant now) {
        return byKey.size() < sessionsMax && takeUp(key, session, lastUsed, now);
    }

    /**
     * Adds a session that was kept, whatever the limit is now: it was let in under another.
     *
     * @return false if the table has the key or the reference already
     */
    synchronized boolean takeUp(String key, Session session, Instant lastUsed, Instant now) {
        var entry = new Entry(key, session, lastUsed, now);
        if (byKey.containsKey(key) || byReference.putIfAbsent(session.reference(), entry) != null) {
            return false;
        }
        byKey.put(key, entry);
        byDeadline.add(entry);
        for (var ground : groundsOf(session)) {
            byGround.computeIfAbsent(ground, g -> new HashSet<>(2)).add(entry);
        }
        return true;
    }

    /** Marked as used, if it lives. */
    @Nullable Entry use(String key, Instant now) {
        var entry = byKey.get(key);
        return entry != null && entry.use(now) ? entry : null;
    }

    /** Marked as used, if it lives. */
    @Nullable Entry touch(String reference, Instant now) {
        var entry = byReference.get(reference);
        return entry != null && entry.use(now) ? entry : null;
    }

    /** As it stands, alive or not. */
    @Nullable Entry byKey(String key) {
        return byKey.get(key);
    }

    /** As it stands, alive or not. */
    @Nullable Entry byReference(String reference) {
        return byReference.get(reference);
    }

    /** Every entry, as of about now. */
    List<Entry> entries() {
        return List.copyOf(byKey.values());
    }

    /**
     * What a shared store says of a session: added if it was not here, and never taken back to an
     * earlier version or use, since answers overtake each other.
     *
     * @return null if there is no room
     */
    synchronized @Nullable Entry update(
            String key, Session session, Instant lastUsed, Instant now) {
        var there = byKey.get(key);
        if (there != null && groundsOf(there.session).equals(groundsOf(session))) {
            if (session.version() > there.session.version()) {
                there.session = session;
            }
            there.usedElsewhere(lastUsed, now);
            return there;
        }
        remove(key);
        return add(key, session, lastUsed, now) ? byKey.get(key) : null;
    }

    /** Every key. */
    Stream<String> keys() {
        return byKey.keySet().stream();
    }

    /** As it stands, if it lives. */
    @Nullable Entry find(String reference) {
        var entry = byReference.get(reference);
        return entry != null && entry.lives() ? entry : null;
    }

    /** Null if the session is gone or has another version. */
    synchronized @Nullable Entry replace(Session before, Session after) {
        var entry = byReference.get(before.reference());
        if (entry == null
                || entry.session.version() != before.version()
                || !follows(before, after)) {
            return null;
        }
        entry.session = after;
        return entry;
    }

    /** Whether it is the next version of the same session, standing on the same. */
    static boolean follows(Session before, Session after) {
        return after.version() == before.version() + 1
                && after.reference().equals(before.reference())
                && groundsOf(after).equals(groundsOf(before));
    }

    synchronized @Nullable Entry remove(String key) {
        var entry = byKey.get(key);
        if (entry != null) {
            byDeadline.remove(entry);
            forget(entry);
        }
        return entry;
    }

    synchronized @Nullable Entry removeByReference(String reference) {
        var entry = byReference.get(reference);
        return entry == null ? null : remove(entry.key);
    }

    /** Takes out what is over. */
    synchronized List<Entry> takeExpired() {
        var ended = new ArrayList<Entry>();
        long now = nanoTime.getAsLong();
        while (!byDeadline.isEmpty() && byDeadline.first().queuedForNanos - now <= 0) {
            var entry = byDeadline.pollFirst();
            if (entry.lives()) {
                entry.queuedForNanos = entry.deadlineNanos();
                byDeadline.add(entry);
            } else {
                forget(entry);
                ended.add(entry);
            }
        }
        return ended;
    }

    List<Session> byProviderSession(String issuer, String sid) {
        return on(new Ground(false, issuer, sid));
    }

    List<Session> bySubject(String issuer, String subject) {
        return on(new Ground(true, issuer, subject));
    }

    /** What lives. */
    List<Listed> list() {
        return byKey.values().stream()
                .filter(Entry::lives)
                .map(entry -> new Listed(entry.session, entry.lastUsed))
                .toList();
    }

    /** Whether there are more than there may be: they were taken up. */
    boolean isOverfull() {
        return byKey.size() > sessionsMax;
    }

    int size() {
        return byKey.size();
    }

    /** Of what was found, the session. */
    static Optional<Session> sessionOf(@Nullable Entry found) {
        return found == null ? Optional.empty() : Optional.of(found.session);
    }

    private synchronized List<Session> on(Ground ground) {
        return byGround.getOrDefault(ground, Set.of()).stream()
                .map(entry -> entry.session)
                .toList();
    }

    private void forget(Entry entry) {
        byKey.remove(entry.key, entry);
        byReference.remove(entry.session.reference(), entry);
        for (var ground : groundsOf(entry.session)) {
            byGround.computeIfPresent(
                    ground,
                    (g, there) -> {
                        there.remove(entry);
                        return there.isEmpty() ? null : there;
                    });
        }
    }

    private static Set<Ground> groundsOf(Session session) {
        var subject = new Ground(true, session.issuer(), session.subject());
        var sid = session.providerSession();
        return sid == null
                ? Set.of(subject)
                : Set.of(subject, new Ground(false, session.issuer(), sid));
    }
}
