package dev.portcullis.login;

import dev.portcullis.config.Secret;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionStore;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The refresh of one session, under a lease that the whole fleet sees. With rotation a refresh
 * token counts once, and the second to send it signs the person out: so what came is kept before
 * anything else is done with it. Blocks: for virtual threads only.
 */
record OneRefresh(SessionRefresher refresher, SessionStore sessions, String reference) {
    private static final Logger LOG = LoggerFactory.getLogger(OneRefresh.class);

    /** Longer than all that one refresh may take while the store is there. */
    private static final Duration LEASE = Duration.ofMinutes(3);

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int STORE_TRIES = 3;
    private static final int CHANGES_MAX = 10;

    /** How it went. */
    sealed interface Outcome {
        /** The session as it is afterwards; empty if it is over. */
        record Known(Optional<Session> session) implements Outcome {}

        /** Somebody else in the fleet is at it: what he stores counts here too. */
        record Elsewhere() implements Outcome {}
    }

    Outcome done() throws InterruptedException {
        var unstored = refresher.unstored(reference);
        if (unstored != null && times().now().isBefore(unstored.until())) {
            return new Outcome.Known(storedAtLast(unstored));
        }
        if (unstored != null) {
            refresher.noLongerUnstored(reference);
            release();
            LOG.error("new tokens of a session are lost: the store was out of reach for too long");
        }
        if (!leasedFor(LEASE)) {
            var found = found();
            return found.isPresent() && times().isDue(found.get())
                    ? new Outcome.Elsewhere()
                    : new Outcome.Known(found);
        }
        try {
            var found = found();
            if (found.isEmpty() || !times().isDue(found.get())) {
                return new Outcome.Known(found);
            }
            return leasedForAsLongAsItMayTake(found.get())
                    ? new Outcome.Known(asked(found.get()))
                    : new Outcome.Elsewhere();
        } finally {
            if (refresher.unstored(reference) == null) {
                release();
            }
        }
    }

    private boolean leasedFor(Duration time) {
        var now = times().wall();
        return await(sessions.tryLease(reference, refresher.holder(), now, now.plus(time)));
    }

    /**
     * The store may go away with what the provider gives, and the lease could not be renewed there:
     * it must stand for nearly as long as that is of use, or somebody else would send the same
     * token. What is left then is for another to try, should this one have died.
     */
    private boolean leasedForAsLongAsItMayTake(Session session) {
        var refresh = session.refresh();
        if (refresh == null) {
            return true;
        }
        var grace = Duration.between(times().now(), times().graceEnd(session, refresh));
        var stretched = grace.minus(LEASE);
        return stretched.compareTo(LEASE) <= 0 || leasedFor(stretched);
    }

    /** For a stop: offers the store once more what it did not take. */
    Optional<Session> last() throws InterruptedException {
        var unstored = refresher.unstored(reference);
        return unstored == null ? Optional.empty() : storedAtLast(unstored);
    }

    private void release() {
        // One that is not let go of is ours all the same at the next try, and ends by itself.
        var _ = sessions.release(reference, refresher.holder());
    }

    private Optional<Session> found() {
        var found = await(sessions.find(reference, times().wall()));
        if (found.isEmpty()) {
            refresher.forget(reference);
        } else if (!times().isDue(found.get())) {
            times().watch(found.get()); // Of one that is due, its failures still count.
        }
        return found;
    }

    private Optional<Session> asked(Session session) throws InterruptedException {
        var refresh = session.refresh();
        var provider = refresher.provider();
        if (refresh == null) {
            return Optional.of(session);
        }
        if (provider == null || !provider.vouchesFor(session)) {
            return refresher.refused(session, "its issuer is not the one of sign-in any more");
        }
        var exchange = new RefreshExchange(provider);
        return switch (exchange.ask(refresh.token(), times().wall())) {
            case RefreshExchange.Asked.Refused(var why) -> refresher.refused(session, why);
            case RefreshExchange.Asked.Trouble(var why) ->
                    refresher.troubled(session, refresh, why);
            case RefreshExchange.Asked.Granted(var tokens) -> {
                var at = times().wall();
                yield stored(
                        new UnstoredTokens(
                                session,
                                tokens,
                                at,
                                tokens.kept(at, refresh.token()),
                                exchange,
                                times().graceEnd(session, refresh)));
            }
        };
    }

    /** What an earlier one could not store. */
    private Optional<Session> storedAtLast(UnstoredTokens unstored) throws InterruptedException {
        var session = stored(unstored);
        release();
        return session;
    }

    private Optional<Session> stored(UnstoredTokens granted) throws InterruptedException {
        try {
            var session = storedAndJudged(granted);
            refresher.noLongerUnstored(reference);
            return session;
        } catch (StoreUnavailableException | InterruptedException notYet) {
            refresher.unstored(reference, granted);
            throw notYet;
        }
    }

    /** May be done again if it failed half-way: what they say is not lost either. */
    private Optional<Session> storedAndJudged(UnstoredTokens granted) throws InterruptedException {
        var kept =
                kept(
                        granted.before(),
                        it -> it.refreshed(it.user(), it.groups(), null, granted.next()));
        var tokens = granted.tokens();
        var exchange = granted.exchange();
        if (kept.isEmpty()) {
            exchange.provider().giveBack(tokens.refresh()); // It ended meanwhile.
            return kept;
        }
        if (!Objects.equals(token(kept.get().refresh()), token(granted.next()))) {
            return kept; // Another's word is newer.
        }
        return switch (exchange.judge(kept.get(), tokens, granted.at())) {
            case RefreshExchange.Said.Nothing() -> refresher.refreshed(kept.get());
            case RefreshExchange.Said.Wrong(var why) -> refresher.refused(kept.get(), why);
            case RefreshExchange.Said.User(var user) ->
                    named(kept.get(), user).flatMap(refresher::refreshed);
        };
    }

    /** Whoever it is now, what is open is judged by that. */
    private Optional<Session> named(Session session, ClaimedUser now) throws InterruptedException {
        if (now.user().equals(session.user()) && now.groups().equals(session.groups())) {
            return Optional.of(session);
        }
        var kept = kept(session, it -> it.refreshed(now.user(), now.groups(), null, it.refresh()));
        kept.ifPresent(changed -> refresher.judgeAgain(changed));
        return kept;
    }

    /**
     * Stores a change, whatever else changed meanwhile, but for a refresh by another; empty if the
     * session is over.
     */
    private Optional<Session> kept(Session before, UnaryOperator<Session> change)
            throws InterruptedException {
        var current = before;
        for (int tries = 1; ; tries++) {
            try {
                var after = change.apply(current);
                if (await(sessions.replace(current, after))) {
                    times().watch(after);
                    return Optional.of(after);
                }
                var found = found();
                boolean same =
                        found.isPresent()
                                && Objects.equals(
                                        token(found.get().refresh()), token(before.refresh()));
                if (!same || tries == CHANGES_MAX) {
                    return found;
                }
                current = found.get();
            } catch (StoreUnavailableException away) {
                if (tries >= STORE_TRIES) {
                    throw away;
                }
            }
            Thread.sleep(PAUSE.multipliedBy(tries));
        }
    }

    private RefreshTimes times() {
        return refresher.times();
    }

    private static @Nullable Secret token(Session.@Nullable Refresh refresh) {
        return refresh == null ? null : refresh.token();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return StoreUnavailableException.await(stage);
    }
}
