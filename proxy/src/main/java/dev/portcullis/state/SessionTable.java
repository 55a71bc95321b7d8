package dev.portcullis.state;

import dev.portcullis.session.Session;
import dev.portcullis.session.SessionStore.Listed;
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
    /** What a session stands on at the provider: its {@code sub}, or its {@code sid}. */
    private record Ground(boolean subject, String issuer, String id) {}

    private final int sessionsMax;
    private final LongSupplier nanoTime;
    private final ConcurrentHashMap<String, SessionEntry> byKey = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, SessionEntry> byReference = new ConcurrentHashMap<>();
    // Both guarded by this, as is every change of the two maps above.
    private final Map<Ground, Set<SessionEntry>> byGround = new HashMap<>();
    private final NavigableSet<SessionEntry> byDeadline =
            new TreeSet<>(
                    ((Comparator<SessionEntry>)
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
        var entry = new SessionEntry(key, session, lastUsed, now, nanoTime);
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
    @Nullable SessionEntry use(String key, Instant now) {
        var entry = byKey.get(key);
        return entry != null && entry.use(now) ? entry : null;
    }

    /** Marked as used, if it lives. */
    @Nullable SessionEntry touch(String reference, Instant now) {
        var entry = byReference.get(reference);
        return entry != null && entry.use(now) ? entry : null;
    }

    /** As it stands, alive or not. */
    @Nullable SessionEntry byKey(String key) {
        return byKey.get(key);
    }

    /** As it stands, alive or not. */
    @Nullable SessionEntry byReference(String reference) {
        return byReference.get(reference);
    }

    /** Every entry, as of about now. */
    List<SessionEntry> entries() {
        return List.copyOf(byKey.values());
    }

    /**
     * What a shared store says of a session: added if it was not here, and never taken back to an
     * earlier version or use, since answers overtake each other.
     *
     * @return null if there is no room
     */
    synchronized @Nullable SessionEntry update(
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
    @Nullable SessionEntry find(String reference) {
        var entry = byReference.get(reference);
        return entry != null && entry.lives() ? entry : null;
    }

    /** Null if the session is gone or has another version. */
    synchronized @Nullable SessionEntry replace(Session before, Session after) {
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

    synchronized @Nullable SessionEntry remove(String key) {
        var entry = byKey.get(key);
        if (entry != null) {
            byDeadline.remove(entry);
            forget(entry);
        }
        return entry;
    }

    synchronized @Nullable SessionEntry removeByReference(String reference) {
        var entry = byReference.get(reference);
        return entry == null ? null : remove(entry.key);
    }

    /** Takes out what is over. */
    synchronized List<SessionEntry> takeExpired() {
        var ended = new ArrayList<SessionEntry>();
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
                .filter(SessionEntry::lives)
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
    static Optional<Session> sessionOf(@Nullable SessionEntry found) {
        return found == null ? Optional.empty() : Optional.of(found.session);
    }

    private synchronized List<Session> on(Ground ground) {
        return byGround.getOrDefault(ground, Set.of()).stream()
                .map(entry -> entry.session)
                .toList();
    }

    private void forget(SessionEntry entry) {
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
