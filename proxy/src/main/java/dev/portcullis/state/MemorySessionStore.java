package dev.portcullis.state;

import dev.portcullis.session.Session;
import dev.portcullis.session.SessionStore;
import dev.portcullis.session.SignInState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions and sign-ins in memory, bounded. Gone with the process. Every stage is complete when it
 * is returned; looking a session up takes no lock.
 */
public final class MemorySessionStore implements SessionStore {
    private static final CompletionStage<Boolean> YES = CompletableFuture.completedStage(true);
    private static final CompletionStage<Boolean> NO = CompletableFuture.completedStage(false);
    private static final CompletionStage<Optional<Session>> NO_SESSION =
            CompletableFuture.completedStage(Optional.empty());

    private final int sessionsMax;
    private final SignInTable signIns;
    private final ConcurrentHashMap<String, Entry> byKey = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Entry> byReference = new ConcurrentHashMap<>();
    // Guarded by itself, as is every change of the two maps.
    private final NavigableSet<Entry> byDeadline =
            new TreeSet<>(
                    Comparator.<Entry, Instant>comparing(e -> e.queuedFor)
                            .thenComparing(e -> e.key));

    /**
     * A session, when it was last used, and the deadline under which the reaper will look at it.
     */
    private static final class Entry {
        final String key;
        final Session session;
        volatile Instant lastUsed;
        // Never later than the true deadline: using a session moves only the true one.
        Instant queuedFor;

        Entry(String key, Session session) {
            this.key = key;
            this.session = session;
            this.lastUsed = session.startedAt();
            this.queuedFor = deadline();
        }

        Instant deadline() {
            var idleUntil = lastUsed.plus(session.idle());
            return idleUntil.isBefore(session.endsAt()) ? idleUntil : session.endsAt();
        }

        boolean useAt(Instant now) {
            if (!now.isBefore(deadline())) {
                return false;
            }
            if (now.isAfter(lastUsed)) {
                lastUsed = now;
            }
            return true;
        }
    }

    /**
     * @param sessionsMax sessions in all; beyond it nobody new is let in
     * @param signInsMax sign-ins under way in all; beyond it the oldest gives way
     * @param signInTime how long one sign-in may take
     */
    public MemorySessionStore(int sessionsMax, int signInsMax, Duration signInTime) {
        this.sessionsMax = sessionsMax;
        this.signIns = new SignInTable(signInsMax, signInTime);
    }

    @Override
    public CompletionStage<Boolean> put(String key, Session session) {
        synchronized (byDeadline) {
            if (byKey.size() >= sessionsMax || byKey.containsKey(key)) {
                return NO;
            }
            var entry = new Entry(key, session);
            byKey.put(key, entry);
            byReference.put(session.reference(), entry);
            byDeadline.add(entry);
            return YES;
        }
    }

    @Override
    public CompletionStage<Optional<Session>> use(String key, Instant now) {
        var entry = byKey.get(key);
        return entry != null && entry.useAt(now)
                ? CompletableFuture.completedStage(Optional.of(entry.session))
                : NO_SESSION;
    }

    @Override
    public CompletionStage<Boolean> touch(String reference, Instant now) {
        var entry = byReference.get(reference);
        return entry != null && entry.useAt(now) ? YES : NO;
    }

    @Override
    public CompletionStage<Optional<Session>> remove(String key) {
        synchronized (byDeadline) {
            var entry = byKey.get(key);
            if (entry == null) {
                return NO_SESSION;
            }
            byDeadline.remove(entry);
            forget(entry);
            return CompletableFuture.completedStage(Optional.of(entry.session));
        }
    }

    @Override
    public CompletionStage<List<Session>> removeExpired(Instant now) {
        var ended = new ArrayList<Session>();
        synchronized (byDeadline) {
            takeExpired(now, ended);
        }
        signIns.removeExpired(now);
        return CompletableFuture.completedStage(ended);
    }

    @Override
    public CompletionStage<Void> putSignIn(String state, SignInState signIn) {
        signIns.put(state, signIn);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Optional<SignInState>> takeSignIn(String state, Instant now) {
        return CompletableFuture.completedStage(signIns.take(state, now));
    }

    /** How many sessions there are. */
    public int sessionCount() {
        return byKey.size();
    }

    private void takeExpired(Instant now, List<Session> ended) {
        while (!byDeadline.isEmpty() && !byDeadline.first().queuedFor.isAfter(now)) {
            var entry = byDeadline.pollFirst();
            var deadline = entry.deadline();
            if (deadline.isAfter(now)) {
                entry.queuedFor = deadline;
                byDeadline.add(entry);
            } else {
                forget(entry);
                ended.add(entry.session);
            }
        }
    }

    private void forget(Entry entry) {
        byKey.remove(entry.key, entry);
        byReference.remove(entry.session.reference(), entry);
    }
}
