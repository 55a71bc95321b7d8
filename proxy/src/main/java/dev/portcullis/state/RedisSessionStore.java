package dev.portcullis.state;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.portcullis.session.Session;
import dev.portcullis.session.SignInState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that a fleet shares through Redis. What this process has seen it believes for {@link
 * #FRESH}, so a busy session costs Redis a question every two seconds; what ends or changes
 * elsewhere is heard at once, and at the latest when that time is over.
 *
 * <p>While Redis is away nobody new is let in. Who was known goes on for the grace; then he is not
 * known any more, and what he holds open is cut: a sign-out elsewhere could not reach us. Who signs
 * out here meanwhile is out here, and everywhere as soon as Redis is back.
 */
public final class RedisSessionStore implements OpenStore {
    /** For how long an answer of Redis is believed. */
    static final Duration FRESH = Duration.ofSeconds(2);

    private static final int WORDS = 3;
    private static final CompletionStage<Boolean> NO = CompletableFuture.completedStage(false);
    private static final CompletionStage<Optional<Session>> NO_SESSION =
            CompletableFuture.completedStage(Optional.empty());

    private final String self;
    private final RedisLink link;
    private final RedisSessions redis;
    private final RedisIds ids;
    private final StoreSizes sizes;
    private final Duration grace;
    private final SessionTable known;
    private final CopyOnWriteArrayList<Listener> listeners = new CopyOnWriteArrayList<>();

    // Ended here while Redis was away: told as soon as it is back.
    private final Set<String> untold = ConcurrentHashMap.newKeySet();
    private volatile boolean askAgain;

    // References that ended a moment ago: an answer that was on its way does not bring them back.
    private final Cache<String, Boolean> ended;
    private volatile int count;

    /**
     * @param self names this process in the fleet
     * @param link ours to close
     * @param grace for how long the known are let in while Redis is away
     */
    RedisSessionStore(
            String self,
            RedisLink link,
            SealingKeys keys,
            RedisNames names,
            StoreSizes sizes,
            Duration grace) {
        this.self = self;
        this.link = link;
        this.redis = new RedisSessions(link, keys, names, self);
        this.ids = new RedisIds(link, keys, names, sizes);
        this.sizes = sizes;
        this.grace = grace;
        this.known = new SessionTable(sizes.sessions());
        this.ended =
                Caffeine.newBuilder()
                        .maximumSize(sizes.sessions())
                        .expireAfterWrite(FRESH.multipliedBy(5))
                        .executor(Runnable::run)
                        .build();
        link.listen(names.channel(), this::heard, this::askAnew);
    }

    // ---- what this process knows

    private static boolean isFresh(SessionTable.Entry entry) {
        return System.nanoTime() - entry.checkedNanos < FRESH.toNanos();
    }

    private boolean isInGrace() {
        return !link.up() && link.downFor().compareTo(grace) < 0;
    }

    private CompletionStage<SessionTable.@Nullable Entry> entry(
            String key, SessionTable.@Nullable Entry there, Instant now) {
        if (untold.contains(key)) {
            return CompletableFuture.completedStage(null);
        }
        if (there != null && (isFresh(there) || isInGrace())) {
            return CompletableFuture.completedStage(there);
        }
        return redis.find(key)
                .handle(
                        (found, failure) -> {
                            if (failure == null) {
                                return known(key, found, now);
                            }
                            if (there != null && isInGrace()) {
                                return there;
                            }
                            throw new IllegalStateException("Redis does not answer", failure);
                        });
    }

    private SessionTable.@Nullable Entry known(
            String key, Optional<RedisSessions.Found> found, Instant now) {
        if (found.isEmpty() || isEnded(found.get().session())) {
            var gone = known.remove(key);
            if (gone != null) {
                tellEnded(gone.session.reference());
            }
            return null;
        }
        var latest = found.get().lastUsedAtMost();
        var entry = known.update(key, found.get().session(), latest.isAfter(now) ? now : latest);
        if (entry != null) {
            entry.checkedNanos = System.nanoTime();
            if (!found.get().usedHere()) {
                entry.saveFromMillis = 0; // The next use here says so there.
            }
        }
        return entry;
    }

    private boolean isEnded(Session session) {
        return ended.getIfPresent(session.reference()) != null;
    }

    private void tellEnded(String reference) {
        listeners.forEach(listener -> listener.ended(reference));
    }

    private void heard(String message) {
        var words = message.split(" ", WORDS);
        if (words.length != WORDS || words[0].equals(self)) {
            return;
        }
        known.removeByReference(words[2]);
        if (words[1].equals("e")) {
            ended.put(words[2], true);
            tellEnded(words[2]);
        } else {
            listeners.forEach(listener -> listener.changed(words[2]));
        }
    }

    /**
     * What was said while nobody listened is lost: everything known is asked for again, of Redis
     * itself and not of what is known here. What gets no answer is asked at the next round.
     */
    private void askAnew() {
        askAgain = false;
        var now = Instant.now();
        known.entries()
                .forEach(
                        entry -> {
                            var before = entry.session.version();
                            redis.find(entry.key)
                                    .whenComplete(
                                            (found, failure) -> {
                                                if (failure != null) {
                                                    askAgain = true;
                                                } else {
                                                    tellChanged(
                                                            known(entry.key, found, now), before);
                                                }
                                            });
                        });
    }

    private void tellChanged(SessionTable.@Nullable Entry now, long before) {
        if (now != null && now.session.version() != before) {
            listeners.forEach(listener -> listener.changed(now.session.reference()));
        }
    }

    // ---- sessions

    @Override
    public CompletionStage<Boolean> put(String key, Session session) {
        return redis.put(key, session, sizes.sessions())
                .thenApply(
                        done -> {
                            var entry =
                                    done ? known.update(key, session, session.startedAt()) : null;
                            if (entry != null) {
                                entry.checkedNanos = System.nanoTime();
                            }
                            return done;
                        });
    }

    @Override
    public CompletionStage<Optional<Session>> use(String key, Instant now) {
        return entry(key, known.byKey(key), now)
                .thenApply(entry -> SessionTable.sessionOf(used(entry, now)));
    }

    @Override
    public CompletionStage<Boolean> touch(String reference, Instant now) {
        var there = known.byReference(reference);
        if (there != null) {
            return entry(there.key, there, now).thenApply(entry -> used(entry, now) != null);
        }
        return redis.keyOf(reference)
                .thenCompose(
                        key ->
                                key.isEmpty()
                                        ? NO
                                        : use(key.get(), now).thenApply(Optional::isPresent));
    }

    private SessionTable.@Nullable Entry used(SessionTable.@Nullable Entry entry, Instant now) {
        if (entry == null || !entry.useAt(now)) {
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
                .thenApply(found -> known(key, found, now))
                .thenApply(entry -> entry == null || !entry.lives(now) ? null : entry)
                .thenApply(SessionTable::sessionOf);
    }

    @Override
    public CompletionStage<List<Listed>> list(Instant now) {
        return redis.all().thenApply(all -> all.stream().flatMap(one -> listed(one, now)).toList());
    }

    private Stream<Listed> listed(RedisSessions.Found found, Instant now) {
        var there = known.byKey(found.key());
        var lastUsed =
                there == null || there.lastUsed.isBefore(found.lastUsed())
                        ? found.lastUsed()
                        : there.lastUsed;
        return found.session().deadline(lastUsed).isAfter(now)
                ? Stream.of(new Listed(found.session(), lastUsed))
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
                .thenApply(
                        done -> {
                            if (done) {
                                known.replace(before, after);
                            }
                            return done;
                        });
    }

    @Override
    public CompletionStage<Optional<Session>> remove(String key) {
        var here = known.remove(key);
        if (here != null) {
            ended.put(here.session.reference(), true);
        }
        return redis.remove(key)
                .handle(
                        (there, failure) -> {
                            if (failure != null) {
                                untold.add(key);
                                return SessionTable.sessionOf(here);
                            }
                            there.ifPresent(session -> ended.put(session.reference(), true));
                            return there;
                        });
    }

    @Override
    public CompletionStage<Optional<Session>> removeByReference(String reference) {
        return key(reference).thenCompose(key -> key.isEmpty() ? NO_SESSION : remove(key.get()));
    }

    @Override
    public CompletionStage<List<Session>> removeExpired(Instant now) {
        if (!link.up() && !isInGrace()) {
            known.entries()
                    .forEach(
                            entry -> {
                                known.remove(entry.key);
                                tellEnded(entry.session.reference());
                            });
        } else if (link.up()) {
            tellUntold();
            if (askAgain) {
                askAnew();
            }
        }
        var over = new ArrayList<CompletableFuture<Optional<Session>>>();
        known.takeExpired(now).forEach(entry -> over.add(ended(entry, now).toCompletableFuture()));
        return CompletableFuture.allOf(over.toArray(CompletableFuture[]::new))
                .thenApply(done -> over.stream().flatMap(one -> one.join().stream()).toList());
    }

    /** It is over if it was used nowhere else meanwhile, or if nobody can say. */
    private CompletionStage<Optional<Session>> ended(SessionTable.Entry entry, Instant now) {
        return redis.find(entry.key)
                .thenCompose(
                        found -> {
                            if (found.isEmpty()) {
                                return CompletableFuture.completedStage(Optional.of(entry.session));
                            }
                            var there = found.get();
                            if (there.session().deadline(there.lastUsedAtMost()).isAfter(now)) {
                                known.update(entry.key, there.session(), there.lastUsedAtMost());
                                return NO_SESSION;
                            }
                            return redis.remove(entry.key)
                                    .thenApply(gone -> Optional.of(entry.session));
                        })
                .exceptionally(failure -> Optional.of(entry.session));
    }

    private void tellUntold() {
        for (var key : untold) {
            var _ = redis.remove(key).thenAccept(done -> untold.remove(key));
        }
        var _ = redis.count().thenAccept(sessions -> count = Math.toIntExact(sessions));
    }

    @Override
    public void onChange(Listener listener) {
        listeners.add(listener);
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

    /** Whether what others say is heard. */
    boolean isListening() {
        return link.isListening();
    }

    /** The way to Redis, for what else is kept there. */
    public RedisLink link() {
        return link;
    }

    @Override
    public int sessionCount() {
        return count;
    }

    @Override
    public Optional<String> trouble() {
        return link.up() ? Optional.empty() : Optional.of("Redis does not answer");
    }

    @Override
    public void close() {
        link.close();
    }
}
