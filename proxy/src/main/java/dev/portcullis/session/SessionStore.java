package dev.portcullis.session;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where sessions, sign-ins under way and what must not happen twice are kept: memory, a file, or
 * Redis for a fleet. Keys are hashes of what the browser holds, so that a stolen store signs nobody
 * in. Any thread, and no method blocks; a stage that fails means the store is out of reach, and the
 * caller fails closed. Come back to an event loop with {@code …Async}: a stage may complete
 * anywhere.
 */
public interface SessionStore {
    /**
     * A session and when it was last used.
     *
     * @param lastUsed may be behind by a tenth of the idle lifetime where several processes share
     *     the store
     */
    record Listed(Session session, Instant lastUsed) {}

    /**
     * Told of what other processes did to sessions; called on a thread of the store's, never for
     * what this process did itself.
     */
    interface Listener {
        /**
         * A session is gone: cut what stands on it.
         *
         * @param reference of the session
         */
        void ended(String reference);

        /**
         * Nobody can say any more whether a session lives: cut what stands on it. It has not ended.
         *
         * @param reference of the session
         */
        void unknown(String reference);

        /**
         * A session has a new version: judge anew what stands on it.
         *
         * @param reference of the session
         */
        void changed(String reference);
    }

    // ---- sessions

    /**
     * Keeps a new session. When the stage is done, the session survives this process, if the store
     * is of that kind.
     *
     * @param key SHA-256 of the cookie's value, in base64url
     * @return false if the store is full: nobody who is signed in gives way to a newcomer
     */
    CompletionStage<Boolean> put(String key, Session session);

    /**
     * The session of that key, if it lives. Marks it as used now: the idle lifetime starts anew.
     * Completed at once for memory and file.
     *
     * @param now wall-clock time, judged against both lifetimes
     */
    CompletionStage<Optional<Session>> use(String key, Instant now);

    /**
     * Marks a session as used now, known by its reference only, for the sockets it opened.
     *
     * @return whether it lives
     */
    CompletionStage<Boolean> touch(String reference, Instant now);

    /** The session of that reference, if it lives. Leaves it as unused as it was. */
    CompletionStage<Optional<Session>> find(String reference, Instant now);

    /** Every session that lives, for operators. */
    CompletionStage<List<Listed>> list(Instant now);

    /** What stands on one session of the provider's (its {@code sid}). */
    CompletionStage<List<Session>> byProviderSession(String issuer, String sid);

    /** What stands on one person at the provider ({@code sub}). */
    CompletionStage<List<Session>> bySubject(String issuer, String subject);

    /**
     * Changes a session, if nobody else did since: compares versions and sets in one step.
     *
     * @param before as it was read
     * @param after the next version, of the same reference
     * @return false if the session is gone or has another version now: read it again
     */
    CompletionStage<Boolean> replace(Session before, Session after);

    /** Ends a session. Empty if there was none. */
    CompletionStage<Optional<Session>> remove(String key);

    /** Ends a session, known by its reference only. Empty if there was none. */
    CompletionStage<Optional<Session>> removeByReference(String reference);

    /**
     * Takes out what has outlived its lifetimes, so that its sockets can be closed: for a shared
     * store, what this process has seen of it.
     */
    CompletionStage<List<Session>> removeExpired(Instant now);

    /** Adds one who is told; for as long as the store is open. */
    void onChange(Listener listener);

    // ---- sign-ins under way

    /**
     * Keeps a sign-in under way; the oldest of the same browser gives way beyond five, and the
     * oldest of all when the store is full.
     *
     * @param state SHA-256 of the state parameter, in base64url
     */
    CompletionStage<Void> putSignIn(String state, SignInState signIn);

    /**
     * Takes a sign-in out: the second call with the same state finds nothing, nor does one that
     * comes too late.
     */
    CompletionStage<Optional<SignInState>> takeSignIn(String state, Instant now);

    // ---- what must not happen twice

    /**
     * Remembers an id, so that it is used once: the {@code jti} of a proof.
     *
     * @param scope of the id, such as {@code logout:https://login.example.com}
     * @param until when what carries the id is refused anyway
     * @return whether it was not there yet; fails if nothing more can be remembered
     */
    CompletionStage<Boolean> firstUse(String scope, String id, Instant now, Instant until);

    /**
     * Takes back what was given out and cannot be taken out, such as a token that verifies by
     * itself.
     *
     * @param until when it ends by itself
     */
    CompletionStage<Void> revoke(String scope, String id, Instant now, Instant until);

    /** Whether that was taken back. */
    CompletionStage<Boolean> isRevoked(String scope, String id, Instant now);

    /**
     * Lets one holder in the fleet work on a session, such as refresh it, until he lets go or the
     * time is over.
     *
     * @param holder names the piece of work; no two share a name
     * @return whether it is his; false if somebody else's still stands
     */
    CompletionStage<Boolean> tryLease(String reference, String holder, Instant now, Instant until);

    /** Lets go of a lease, if it is still the holder's. */
    CompletionStage<Void> release(String reference, String holder);
}
