package dev.portcullis.state;

import dev.portcullis.session.Session;
import dev.portcullis.session.SignInState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that a fleet shares through Redis. What this process has seen it believes for {@link
 * KnownSessions#FRESH}, so a busy session costs Redis a question every two seconds; what ends or
 * changes elsewhere is heard at once, and at the latest when that time is over.
 *
 * <p>While Redis is away nobody new is let in. Who was known goes on for the grace; then he is not
 * known any more, and what he holds open is cut: a sign-out elsewhere could not reach us. Who signs
 * out here meanwhile is out here, and everywhere as soon as Redis is back.
 */
public final class RedisSessionStore implements OpenStore {
    private static final CompletionStage<Boolean> NO = CompletableFuture.completedStage(false);
    private static final CompletionStage<Optional<Session>> NO_SESSION =
            CompletableFuture.completedStage(Optional.empty());

    private final RedisLink link;
    private final RedisSessions redis;
    private final RedisIds ids;
    private final StoreSizes sizes;
    private final KnownSessions known;

    // Ended here while Redis was away: told as soon as it is back.
    private final Questions untold;
    private volatile int count;

    /**
     * @param self names this process in the fleet
     * @param link stays open when this is closed
     * @param grace for how long the known are let in while Redis is away
     * @param nanoTime by which lifetimes are measured
     */
    RedisSessionStore(
            String self,
            RedisLink link,
            SealingKeys keys,
            RedisNames names,
            StoreSizes sizes,
            Duration grace,
            LongSupplier nanoTime) {
        this.link = link;
        this.redis = new RedisSessions(link, keys, names, self);
        this.ids = new RedisIds(link, keys, names, sizes);
        this.sizes = sizes;
        this.known = new KnownSessions(self, link, redis, sizes.sessions(), grace, nanoTime);
        this.untold = new Questions(redis::remove, System::nanoTime);
        known.listen(names.channel());
    }

    // ---- sessions

    @Override
    public CompletionStage<Boolean> put(String key, Session session) {
        return redis.put(key, session, sizes.sessions())
                .whenComplete((done, failure) -> {
                    if (failure == null && done) {
                        known.made(key, session);
                    }
                });
    }

    @Override
    public CompletionStage<Optional<Session>> use(String key, Instant now) {
        return entry(key, now).thenApply(entry -> SessionTable.sessionOf(used(entry, now)));
    }

    @Override
    public CompletionStage<Boolean> touch(String reference, Instant now) {
        var there = known.byReference(reference);
        if (there != null) {
            return entry(there.key, now).thenApply(entry -> used(entry, now) != null);
        }
        return redis.keyOf(reference)
                .thenCompose(key ->
                        key.isEmpty() ? NO : use(key.get(), now).thenApply(Optional::isPresent));
    }

    /** Whoever signed out here is out here, though Redis may not know yet. */
    private CompletionStage<@Nullable SessionEntry> entry(String key, Instant now) {
        return untold.contains(key)
                ? CompletableFuture.completedStage(null)
                : known.entry(key, now);
    }

    private @Nullable SessionEntry used(@Nullable SessionEntry entry, Instant now) {
        if (entry == null || !entry.use(now)) {
            return null;
        }
        if (entry.wantsSaving()) {
            redis.use(entry.key, entry.session, entry.lastUsed);
        }
        return entry;
    }

    @Override
    public CompletionStage<Optional<Session>> find(String reference, Instant now) {
        return key(reference)
                .thenCompose(key -> key.isEmpty() ? NO_SESSION : found(key.get(), now));
    }

    private CompletionStage<Optional<String>> key(String reference) {
        var there = known.byReference(reference);
        return there == null
                ? redis.keyOf(reference)
                : CompletableFuture.completedStage(Optional.of(there.key));
    }

    private CompletionStage<Optional<Session>> found(String key, Instant now) {
        return redis.find(key)
                .thenApply(found -> known.learn(key, found, now))
                .thenApply(entry -> entry == null || !entry.lives() ? null : entry)
                .thenApply(SessionTable::sessionOf);
    }

    @Override
    public CompletionStage<List<Listed>> list(Instant now) {
        return redis.all().thenApply(all -> all.stream().flatMap(one -> listed(one, now)).toList());
    }

    private Stream<Listed> listed(RedisSessions.Found found, Instant now) {
        var there = known.byKey(found.key());
        if (there != null && !there.lastUsed.isBefore(found.lastUsed())) {
            return there.lives()
                    ? Stream.of(new Listed(found.session(), there.lastUsed))
                    : Stream.empty();
        }
        return found.session().deadline(found.lastUsed()).isAfter(now)
                ? Stream.of(new Listed(found.session(), found.lastUsed()))
                : Stream.empty();
    }

    @Override
    public CompletionStage<List<Session>> byProviderSession(String issuer, String sid) {
        return redis.byProviderSession(issuer, sid).thenApply(RedisSessionStore::sessions);
    }

    @Override
    public CompletionStage<List<Session>> bySubject(String issuer, String subject) {
        return redis.bySubject(issuer, subject).thenApply(RedisSessionStore::sessions);
    }

    private static List<Session> sessions(List<RedisSessions.Found> found) {
        return found.stream().map(RedisSessions.Found::session).toList();
    }

    @Override
    public CompletionStage<Boolean> replace(Session before, Session after) {
        if (!SessionTable.follows(before, after)) {
            return NO;
        }
        return key(before.reference())
                .thenCompose(key -> key.isEmpty() ? NO : redis.replace(key.get(), before, after))
                .thenApply(done -> {
                    if (done) {
                        known.replaced(before, after);
                    }
                    return done;
                });
    }

    @Override
    public CompletionStage<Optional<Session>> remove(String key) {
        var here = known.remove(key);
        return redis.remove(key)
                .handle((there, failure) -> {
                    if (failure != null) {
                        tellLater(key, here != null, failure);
                        return SessionTable.sessionOf(here);
                    }
                    there.ifPresent(known::endedHere);
                    return there;
                });
    }

    /**
     * Bounded: whoever was known here always finds room, and there are no more of them than
     * sessions; of cookies that nobody here knows, no more than that are taken besides.
     */
    private void tellLater(String key, boolean wasKnown, Throwable failure) {
        if (!wasKnown && untold.size() >= sizes.sessions()) {
            throw new IllegalStateException("no more sign-outs can be remembered", failure);
        }
        untold.add(List.of(key));
    }

    @Override
    public CompletionStage<Optional<Session>> removeByReference(String reference) {
        return key(reference).thenCompose(key -> key.isEmpty() ? NO_SESSION : remove(key.get()));
    }

    @Override
    public CompletionStage<List<Session>> removeExpired(Instant now) {
        known.round();
        if (link.up()) {
            untold.round();
            countSessions();
        }
        var over = new ArrayList<CompletableFuture<Optional<Session>>>();
        known.takeExpired().forEach(entry -> over.add(ended(entry, now).toCompletableFuture()));
        return CompletableFuture.allOf(over.toArray(CompletableFuture[]::new))
                .thenApply(done -> over.stream().flatMap(one -> one.join().stream()).toList());
    }

    /** It is over if it was used nowhere else meanwhile; if nobody can say, it is only cut. */
    private CompletionStage<Optional<Session>> ended(SessionEntry entry, Instant now) {
        return redis.find(entry.key)
                .thenCompose(found -> {
                    if (found.isEmpty()) {
                        return CompletableFuture.completedStage(over(entry));
                    }
                    var there = found.get();
                    if (isUsedElsewhere(there, entry, now)) {
                        known.learn(entry.key, found, now);
                        return NO_SESSION;
                    }
                    return redis.remove(entry.key).thenApply(gone -> over(entry));
                })
                .exceptionally(failure -> {
                    if (entry.isPastItsEnd()) {
                        return Optional.of(entry.session);
                    }
                    known.tellUnknown(entry.session);
                    return Optional.empty();
                });
    }

    /** What Redis was asked of it before, and answers only now, does not bring it back. */
    private Optional<Session> over(SessionEntry entry) {
        known.endedHere(entry.session);
        known.remove(entry.key);
        return Optional.of(entry.session);
    }

    /** Later than was known here, and not too long ago. */
    private static boolean isUsedElsewhere(
            RedisSessions.Found there, SessionEntry entry, Instant now) {
        var used = there.lastUsedAtMost();
        return !entry.isPastItsEnd()
                && used.isAfter(entry.lastUsed)
                && there.session().deadline(used).isAfter(now);
    }

    private void countSessions() {
        var _ = redis.count().thenAccept(sessions -> count = Math.toIntExact(sessions));
    }

    @Override
    public void onChange(Listener listener) {
        known.onChange(listener);
    }

    // ---- the rest

    @Override
    public CompletionStage<Void> putSignIn(String state, SignInState signIn) {
        return ids.putSignIn(state, signIn);
    }

    @Override
    public CompletionStage<Optional<SignInState>> takeSignIn(String state, Instant now) {
        return ids.takeSignIn(state, now);
    }

    @Override
    public CompletionStage<Boolean> firstUse(String scope, String id, Instant now, Instant until) {
        return ids.firstUse(scope, id, now, until);
    }

    @Override
    public CompletionStage<Void> revoke(String scope, String id, Instant now, Instant until) {
        return ids.revoke(scope, id, until);
    }

    @Override
    public CompletionStage<Boolean> isRevoked(String scope, String id, Instant now) {
        return ids.isRevoked(scope, id);
    }

    @Override
    public CompletionStage<Boolean> tryLease(
            String reference, String holder, Instant now, Instant until) {
        return ids.tryLease(reference, holder, until);
    }

    @Override
    public CompletionStage<Void> release(String reference, String holder) {
        return ids.release(reference, holder);
    }

    @Override
    public int sessionCount() {
        return count;
    }

    @Override
    public Optional<String> trouble() {
        return link.up() ? Optional.empty() : Optional.of("Redis does not answer");
    }

    /** Nothing waits to be written; the link is closed by whoever opened it. */
    @Override
    public void close() {}
}
