package dev.portcullis.state;

import dev.portcullis.session.Session;
import dev.portcullis.session.SessionStore;
import dev.portcullis.session.SignInState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Sessions and sign-ins in memory, bounded. Gone with the process. Every stage is complete when it
 * is returned; looking a session up takes no lock.
 */
public final class MemorySessionStore implements SessionStore {
    /** For the ids of a memory that is gone soon. */
    private static final int IDS_MAX = 100_000;

    private static final CompletionStage<Boolean> YES = CompletableFuture.completedStage(true);
    private static final CompletionStage<Boolean> NO = CompletableFuture.completedStage(false);

    private final SessionTable sessions;
    private final SignInTable signIns;
    private final ExpiringIds used;
    private final ExpiringIds revoked;
    private final ExpiringIds leases;

    /**
     * @param sessionsMax sessions in all; beyond it nobody new is let in
     * @param signInsMax sign-ins under way in all; beyond it the oldest gives way
     * @param signInTime how long one sign-in may take
     * @param nanoTime monotonic time, such as {@code System::nanoTime}
     */
    public MemorySessionStore(
            int sessionsMax, int signInsMax, Duration signInTime, LongSupplier nanoTime) {
        this.sessions = new SessionTable(sessionsMax, nanoTime);
        this.signIns = new SignInTable(signInsMax, signInTime, nanoTime);
        this.used = new ExpiringIds(IDS_MAX, nanoTime);
        this.revoked = new ExpiringIds(IDS_MAX, nanoTime);
        this.leases = new ExpiringIds(IDS_MAX, nanoTime);
    }

    @Override
    public CompletionStage<Boolean> put(String key, Session session) {
        return answer(sessions.add(key, session));
    }

    @Override
    public CompletionStage<Optional<Session>> use(String key, Instant now) {
        return done(SessionTable.sessionOf(sessions.use(key, now)));
    }

    @Override
    public CompletionStage<Boolean> touch(String reference, Instant now) {
        return answer(sessions.touch(reference, now) != null);
    }

    @Override
    public CompletionStage<Optional<Session>> find(String reference, Instant now) {
        return done(SessionTable.sessionOf(sessions.find(reference)));
    }

    @Override
    public CompletionStage<List<Listed>> list(Instant now) {
        return done(sessions.list());
    }

    @Override
    public CompletionStage<List<Session>> byProviderSession(String issuer, String sid) {
        return done(sessions.byProviderSession(issuer, sid));
    }

    @Override
    public CompletionStage<List<Session>> bySubject(String issuer, String subject) {
        return done(sessions.bySubject(issuer, subject));
    }

    @Override
    public CompletionStage<Boolean> replace(Session before, Session after) {
        return answer(sessions.replace(before, after) != null);
    }

    @Override
    public CompletionStage<Optional<Session>> remove(String key) {
        return done(SessionTable.sessionOf(sessions.remove(key)));
    }

    @Override
    public CompletionStage<Optional<Session>> removeByReference(String reference) {
        return done(SessionTable.sessionOf(sessions.removeByReference(reference)));
    }

    @Override
    public CompletionStage<List<Session>> removeExpired(Instant now) {
        signIns.removeExpired();
        return done(sessions.takeExpired().stream().map(ended -> ended.session).toList());
    }

    /** Nobody else has this memory: there is nothing to tell. */
    @Override
    public void onChange(Listener listener) {}

    @Override
    public CompletionStage<Void> putSignIn(String state, SignInState signIn) {
        signIns.put(state, signIn);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Optional<SignInState>> takeSignIn(String state, Instant now) {
        return done(signIns.take(state));
    }

    @Override
    public CompletionStage<Boolean> firstUse(String scope, String id, Instant now, Instant until) {
        return CompletableFuture.completedStage(id)
                .thenApply(it -> used.add(new ExpiringIds.Id(scope, it), now, until));
    }

    @Override
    public CompletionStage<Void> revoke(String scope, String id, Instant now, Instant until) {
        return CompletableFuture.completedStage(id)
                .thenAccept(it -> revoked.keep(new ExpiringIds.Id(scope, it), now, until));
    }

    @Override
    public CompletionStage<Boolean> isRevoked(String scope, String id, Instant now) {
        return answer(revoked.contains(new ExpiringIds.Id(scope, id), now));
    }

    @Override
    public CompletionStage<Boolean> tryLease(
            String reference, String holder, Instant now, Instant until) {
        return CompletableFuture.completedStage(reference)
                .thenApply(it -> leases.lease(new ExpiringIds.Id("", it), holder, now, until));
    }

    @Override
    public CompletionStage<Void> release(String reference, String holder) {
        leases.release(new ExpiringIds.Id("", reference), holder);
        return CompletableFuture.completedStage(null);
    }

    /** How many sessions there are. */
    public int sessionCount() {
        return sessions.size();
    }

    private static CompletionStage<Boolean> answer(boolean yes) {
        return yes ? YES : NO;
    }

    private static <T> CompletionStage<T> done(T value) {
        return CompletableFuture.completedStage(value);
    }
}
