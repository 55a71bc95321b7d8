package dev.portcullis.session;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps sessions in step with the identity provider; asked with every use of one. */
public interface Freshness {
    /** Where nobody can be asked: every session stays as it began. */
    Freshness NONE = session -> CompletableFuture.completedStage(Optional.of(session));

    /**
     * The session to go by: as it is, unless what the provider said of it is out of date. Any
     * thread, never blocks.
     *
     * @return completed at once but for a session whose access has ended at the provider; empty if
     *     the session is over. Never fails
     */
    CompletionStage<Optional<Session>> current(Session session);
}
