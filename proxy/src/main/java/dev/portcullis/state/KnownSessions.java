package dev.portcullis.state;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionStore.Listener;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this process has seen of the fleet's sessions, for how long it believes it, and how it hears
 * that something ended or changed elsewhere. Any thread; never blocks.
 */
final class KnownSessions {
    /** For how long an answer of Redis is believed. */
    static final Duration FRESH = Duration.ofSeconds(2);

    private static final int WORDS = 3;

    private final String self;
    private final RedisLink link;
    private final RedisSessions redis;
    private final Duration grace;
    private final SessionTable table;
    private final CopyOnWriteArrayList<Listener> listeners = new CopyOnWriteArrayList<>();

    // What was said while nobody listened is lost: everything known is asked for again.
    private final Questions missed;

    // References that ended a moment ago: an answer that was on its way does not bring them back.
    private final Cache<String, Boolean> ended;

    /**
     * @param self names this process in the fleet
     * @param sessionsMax how many may be known
     * @param grace for how long the known are let in while Redis is away
     * @param nanoTime by which lifetimes are measured
     */
    KnownSessions(
            String self,
            RedisLink link,
            RedisSessions redis,
            int sessionsMax,
            Duration grace,
            LongSupplier nanoTime) {
        this.self = self;
        this.link = link;
        this.redis = redis;
        this.grace = grace;
        this.table = new SessionTable(sessionsMax, nanoTime);
        this.missed = new Questions(this::askAnew, System::nanoTime);
        this.ended =
                Caffeine.newBuilder()
                        .maximumSize(sessionsMax)
                        .expireAfterWrite(FRESH.multipliedBy(5))
                        .executor(Runnable::run)
                        .build();
    }

    /** Begins to hear what the others say. */
    void listen(String channel) {
        link.listen(channel, this::heard, this::missedSome);
    }

    void onChange(Listener listener) {
        listeners.add(listener);
    }

    // ---- one session

    /** What is known of that key, without asking. */
    @Nullable SessionEntry byKey(String key) {
        return table.byKey(key);
    }

    /** What is known of that reference, without asking. */
    @Nullable SessionEntry byReference(String reference) {
        return table.byReference(reference);
    }

    /** The session of that key: as it is known if that is fresh, or else as Redis has it. */
    CompletionStage<@Nullable SessionEntry> entry(String key, Instant now) {
        var there = table.byKey(key);
        if (there != null && (isFresh(there) || (!link.up() && mayGoOn(there)))) {
            return CompletableFuture.completedStage(there);
        }
        return redis.find(key)
                .handle((found, failure) -> {
                    if (failure == null) {
                        return learn(key, found, now);
                    }
                    if (there != null && mayGoOn(there)) {
                        return there;
                    }
                    throw new IllegalStateException("Redis does not answer", failure);
                });
    }

    private static boolean isFresh(SessionEntry entry) {
        return System.nanoTime() - entry.checkedNanos < FRESH.toNanos();
    }

    /**
     * While Redis does not answer: whether what is known counts. Who was idle here may have been
     * busy elsewhere, and that is no end; past its last end a session is over whatever Redis says.
     */
    private boolean mayGoOn(SessionEntry entry) {
        return entry.isPastItsEnd() || (entry.lives() && isInGrace(entry));
    }

    /**
     * An outage begins with the first question without an answer, before the link knows of it; one
     * session alone that Redis has no answer for is carried no longer than all of them.
     */
    private boolean isInGrace(SessionEntry entry) {
        return link.up()
                ? entry.unansweredFor(System.nanoTime()).compareTo(grace) < 0
                : isInGrace();
    }

    private boolean isInGrace() {
        return link.downFor().compareTo(grace) < 0;
    }

    /** Takes up what Redis says of a session; null if it is over. */
    @Nullable SessionEntry learn(String key, Optional<RedisSessions.Found> found, Instant now) {
        if (found.isEmpty() || isEnded(found.get().session())) {
            var gone = table.remove(key);
            if (gone != null) {
                tellEnded(gone.session.reference());
            }
            return null;
        }
        var latest = found.get().lastUsedAtMost();
        var lastUsed = latest.isAfter(now) ? now : latest;
        var entry = table.update(key, found.get().session(), lastUsed, now);
        if (entry != null) {
            entry.checkedAt(System.nanoTime());
            if (!found.get().usedHere()) {
                entry.saveFromMillis = 0; // The next use here says so there.
            }
        }
        return entry;
    }

    /** A session that Redis has taken. */
    void made(String key, Session session) {
        var entry = table.update(key, session, session.startedAt(), session.startedAt());
        if (entry != null) {
            entry.checkedAt(System.nanoTime());
        }
    }

    void replaced(Session before, Session after) {
        table.replace(before, after);
    }

    /** Forgets a session that ends here. */
    @Nullable SessionEntry remove(String key) {
        var gone = table.remove(key);
        if (gone != null) {
            endedHere(gone.session);
        }
        return gone;
    }

    /** No answer that is under way brings it back. */
    void endedHere(Session session) {
        ended.put(session.reference(), true);
    }

    private boolean isEnded(Session session) {
        return ended.getIfPresent(session.reference()) != null;
    }

    // ---- all of them

    /** Takes out what has outlived its lifetimes, as far as this process knows. */
    List<SessionEntry> takeExpired() {
        return table.takeExpired();
    }

    /** Now and then: asks what is to be asked, or after the grace lets go of everything. */
    void round() {
        if (link.up()) {
            missed.round();
        } else if (!isInGrace()) {
            for (var entry : table.entries()) {
                table.remove(entry.key);
                tellUnknown(entry.session);
            }
        }
    }

    private void missedSome() {
        missed.add(table.keys().toList());
        missed.round();
    }

    /** Asks Redis itself, whatever is known here. */
    private CompletionStage<?> askAnew(String key) {
        var there = table.byKey(key);
        if (there == null) {
            return CompletableFuture.completedStage(null);
        }
        var before = there.session.version();
        return redis.find(key)
                .thenAccept(found -> tellChanged(learn(key, found, Instant.now()), before));
    }

    private void tellChanged(@Nullable SessionEntry now, long before) {
        if (now != null && now.session.version() != before) {
            listeners.forEach(listener -> listener.changed(now.session.reference()));
        }
    }

    private void tellEnded(String reference) {
        listeners.forEach(listener -> listener.ended(reference));
    }

    /** Nobody can say any more whether it lives, and it is known here no longer. */
    void tellUnknown(Session session) {
        listeners.forEach(listener -> listener.unknown(session.reference()));
    }

    private void heard(String message) {
        var words = message.split(" ", WORDS);
        if (words.length != WORDS || words[0].equals(self)) {
            return;
        }
        table.removeByReference(words[2]);
        if (words[1].equals("e")) {
            ended.put(words[2], true);
            tellEnded(words[2]);
        } else {
            listeners.forEach(listener -> listener.changed(words[2]));
        }
    }
}
