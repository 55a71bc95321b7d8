package dev.portcullis.login;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.Cookies;
import dev.portcullis.http.RequestHead;
import dev.portcullis.metrics.Meters;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionCookie;
import dev.portcullis.session.SessionEnder;
import dev.portcullis.session.SessionSecret;
import dev.portcullis.session.SessionStore;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What every route of ours works with. Blocks where it asks the store: for virtual threads only.
 *
 * @param home where the Control UI lives
 * @param honoured whether a session that lives is one to go by
 * @param begun told of each new session
 */
record Door(
        PublicOrigin origin,
        String home,
        Pages pages,
        SessionStore sessions,
        SessionEnder ender,
        Predicate<Session> honoured,
        Consumer<Session> begun,
        Meters meters,
        Trail trail,
        InstantSource clock) {

    /** The secret that the browser sent as its session, whatever it is worth. */
    static Optional<SessionSecret> secretOf(RequestHead head) {
        return SessionCookie.in(head.fields()) instanceof Cookies.Found.One(var value)
                ? SessionSecret.parse(value)
                : Optional.empty();
    }

    /** The session this browser has, if it lives. */
    Optional<Session> sessionOf(RequestHead head) {
        return secretOf(head)
                .flatMap(secret ->
                        StoreUnavailableException.await(
                                sessions.use(secret.key(), clock.instant())))
                .filter(honoured);
    }

    /** Ends the session this browser has, and every connection that stands on it. */
    Optional<Session> endSessionOf(RequestHead head, Reason reason) {
        var ended =
                secretOf(head)
                        .flatMap(secret ->
                                StoreUnavailableException.await(sessions.remove(secret.key())));
        ended.ifPresent(session -> ender.ended(session, reason));
        return ended;
    }
}
