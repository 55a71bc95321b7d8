package dev.portcullis.session;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where sessions and sign-ins under way are kept: memory in this release, a file or Redis behind
 * the same interface later. Keys are hashes of what the browser holds, so that a stolen store signs
 * nobody in. Any thread; a stage that fails means the store is out of reach, and the caller fails
 * closed.
 */
public interface SessionStore {
    /**
     * Keeps a new session.
     *
     * @param key SHA-256 of the cookie's value, in base64url
     * @return false if the store is full: nobody who is signed in gives way to a newcomer
     */
    CompletionStage<Boolean> put(String key, Session session);

    /**
     * The session of that key, if it lives. Marks it as used now: the idle lifetime starts anew.
     * Completed at once for memory.
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

    /** Ends a session. Empty if there was none. */
    CompletionStage<Optional<Session>> remove(String key);

    /** Takes out what has outlived its lifetimes, so that its sockets can be closed. */
    CompletionStage<List<Session>> removeExpired(Instant now);

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
}
