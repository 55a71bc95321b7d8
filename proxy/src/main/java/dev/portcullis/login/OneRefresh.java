package dev.portcullis.login;

import dev.portcullis.session.Session;
import dev.portcullis.session.SessionSecret;
import dev.portcullis.session.SessionStore;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The refresh of one session, under a lease that the whole fleet sees. With rotation a refresh
 * token counts once, and the second to send it signs the person out: so what came is kept before
 * anything else is done with it. Blocks: for virtual threads only.
 */
record OneRefresh(SessionRefresher refresher, SessionStore sessions, String reference) {
    private static final Logger LOG = LoggerFactory.getLogger(OneRefresh.class);

    /** Longer than all that one refresh may take; matters only if this process dies with it. */
    private static final Duration LEASE = Duration.ofMinutes(3);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    private static final int LOOKS_MAX = 50;
    private static final int STORE_TRIES = 10;

    /** The session as it is afterwards; empty if it is over. */
    Optional<Session> done() throws InterruptedException {
        var holder = SessionSecret.random().expose();
        var now = refresher.now();
        if (!await(sessions.tryLease(reference, holder, now, now.plus(LEASE)))) {
            return byAnother();
        }
        try {
            var found = found();
            return found.isEmpty() || !isDue(found.get()) ? found : asked(found.get());
        } finally {
            // One that is not let go of ends by itself.
            var _ = sessions.release(reference, holder);
        }
    }

    /** Somebody else in the fleet is at it: what he stores counts here too. */
    private Optional<Session> byAnother() throws InterruptedException {
        var found = found();
        for (int look = 0; look < LOOKS_MAX && found.isPresent() && isDue(found.get()); look++) {
            Thread.sleep(LOOK_AGAIN);
            found = found();
        }
        return found;
    }

    private Optional<Session> found() {
        var found = await(sessions.find(reference, refresher.now()));
        if (found.isEmpty()) {
            refresher.forget(reference);
        } else if (!isDue(found.get())) {
            refresher.watch(found.get()); // Of one that is due, the failures so far still count.
        }
        return found;
    }

    private boolean isDue(Session session) {
        var refresh = session.refresh();
        return refresh != null && !refresher.now().isBefore(refresh.at());
    }

    private Optional<Session> asked(Session session) throws InterruptedException {
        var refresh = session.refresh();
        var provider = refresher.provider();
        if (refresh == null) {
            return Optional.of(session);
        }
        if (provider == null || !provider.config().issuer().toString().equals(session.issuer())) {
            return refresher.refused(session, "its issuer is not the one of sign-in any more");
        }
        var exchange = new RefreshExchange(provider);
        return switch (exchange.ask(refresh.token(), refresher.now())) {
            case RefreshExchange.Asked.Refused(var why) -> refresher.refused(session, why);
            case RefreshExchange.Asked.Trouble(var why) ->
                    refresher.troubled(session, refresh, why);
            case RefreshExchange.Asked.Granted(var tokens) -> granted(session, tokens, exchange);
        };
    }

    private Optional<Session> granted(
            Session before, GrantedTokens tokens, RefreshExchange exchange)
            throws InterruptedException {
        var old = before.refresh();
        var next = tokens.kept(refresher.now(), old == null ? null : old.token());
        var kept = kept(before, it -> it.refreshed(it.user(), it.groups(), null, next));
        if (kept.isEmpty()) {
            exchange.provider().giveBack(tokens.refresh()); // It ended meanwhile.
            return kept;
        }
        refresher.refreshed(kept.get());
        return switch (exchange.judge(kept.get(), tokens, refresher.now())) {
            case RefreshExchange.Said.Nothing() -> kept;
            case RefreshExchange.Said.Wrong(var why) -> refresher.refused(kept.get(), why);
            case RefreshExchange.Said.User(var user) -> named(kept.get(), user);
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

    /** Stores a change, whatever else changed meanwhile; empty if the session is over. */
    private Optional<Session> kept(Session before, java.util.function.UnaryOperator<Session> change)
            throws InterruptedException {
        var current = before;
        for (int tries = 1; ; tries++) {
            try {
                var after = change.apply(current);
                if (await(sessions.replace(current, after))) {
                    refresher.watch(after);
                    return Optional.of(after);
                }
                var found = found();
                if (found.isEmpty()) {
                    return found;
                }
                current = found.get();
            } catch (StoreUnavailableException away) {
                if (tries == STORE_TRIES) {
                    LOG.error("new tokens of a session are lost: the store is out of reach");
                    throw away;
                }
            }
            Thread.sleep(LOOK_AGAIN.multipliedBy(tries));
        }
    }

    private static <T> T await(java.util.concurrent.CompletionStage<T> stage) {
        return StoreUnavailableException.await(stage);
    }
}
