package dev.portcullis.session;

import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Authentication;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the session cookie into a principal. Any thread, the event loop included: with the memory
 * store every stage is complete when it is returned.
 */
public final class SessionAuthenticator {
    private static final Logger LOG = LoggerFactory.getLogger(SessionAuthenticator.class);
    private static final CompletionStage<Authentication> UNKNOWN =
            CompletableFuture.completedStage(new Authentication.Rejected(Reason.SESSION_UNKNOWN));

    private static final Authentication WITHOUT_STORE =
            new Authentication.Undecidable(Reason.STORE_UNAVAILABLE);
    private static final CompletionStage<Authentication> UNDECIDABLE =
            CompletableFuture.completedStage(WITHOUT_STORE);

    private final SessionStore sessions;
    private final Freshness freshness;
    private final InstantSource clock;

    /** One where nobody can be asked again about a session. */
    public SessionAuthenticator(SessionStore sessions, InstantSource clock) {
        this(sessions, Freshness.NONE, clock);
    }

    /**
     * @param sessions where sessions are kept
     * @param freshness what keeps them in step with the provider
     * @param clock wall-clock time
     */
    public SessionAuthenticator(SessionStore sessions, Freshness freshness, InstantSource clock) {
        this.sessions = sessions;
        this.freshness = freshness;
        this.clock = clock;
    }

    /**
     * Who holds that cookie. Marks the session as used.
     *
     * @param cookieValue as sent; one that cannot be a session's never reaches the store
     * @return {@code Authenticated}, {@code Rejected} or {@code Undecidable}; never fails
     */
    public CompletionStage<Authentication> authenticate(String cookieValue) {
        return SessionSecret.parse(cookieValue).map(secret -> find(secret.key())).orElse(UNKNOWN);
    }

    /**
     * The session itself, for our own pages.
     *
     * @param cookieValue as sent
     * @return empty if there is none; fails if the store is out of reach
     */
    public CompletionStage<Optional<Session>> session(String cookieValue) {
        return SessionSecret.parse(cookieValue)
                .map(secret -> sessions.use(secret.key(), clock.instant()))
                .orElseGet(() -> CompletableFuture.completedStage(Optional.empty()));
    }

    /**
     * Says that a real frame passed on a socket of that session, so that work on a socket keeps the
     * session alive. Cheap, but once in some seconds per socket is enough. Ask once right after a
     * socket was registered too: a session may have ended between the decision and the
     * registration.
     *
     * @param handle of the socket's principal
     * @return whether the session lives; if not, close the socket. Fails if the store is out of
     *     reach
     */
    public CompletionStage<Boolean> seen(String handle) {
        return sessions.touch(handle, clock.instant());
    }

    private CompletionStage<Authentication> find(String key) {
        try {
            return asked(key);
        } catch (RuntimeException fault) { // No answer is no entry, and a line in the audit log.
            LOG.error("a session could not be looked up", fault);
            return UNDECIDABLE;
        }
    }

    private CompletionStage<Authentication> asked(String key) {
        var used = sessions.use(key, clock.instant()).toCompletableFuture();
        var current = isAnswered(used) ? fresh(used.join()) : used.thenCompose(this::fresh);
        var known = current.toCompletableFuture();
        if (isAnswered(known)) { // As a rule: from memory, and nobody else has to be asked.
            return CompletableFuture.completedStage(judged(known.join()));
        }
        return known.handle((found, failure) ->
                failure == null
                        ? judged(found)
                        : new Authentication.Undecidable(Reason.STORE_UNAVAILABLE));
    }

    private static boolean isAnswered(CompletableFuture<?> stage) {
        return stage.isDone() && !stage.isCompletedExceptionally();
    }

    private CompletionStage<Optional<Session>> fresh(Optional<Session> found) {
        return found.isPresent()
                ? freshness.current(found.get())
                : CompletableFuture.completedStage(found);
    }

    private static Authentication judged(Optional<Session> found) {
        return found.isPresent()
                ? new Authentication.Authenticated(found.get().principal())
                : new Authentication.Rejected(Reason.SESSION_UNKNOWN);
    }
}
