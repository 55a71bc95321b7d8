package dev.portcullis.session;

import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.AuditLog;
import dev.portcullis.audit.Reason;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Ends sessions, whoever asks for it: out of the store, every connection that stands on them cut,
 * written down. Any thread, and nothing waits.
 */
public record SessionEnder(
        SessionStore sessions, LiveConnections connections, AuditLog audit, InstantSource clock) {
    private static final String NOBODY = "-";

    /**
     * Ends the session of that reference.
     *
     * @return what it was, or empty if it had ended already; fails if the store is out of reach,
     *     and then its connections are cut all the same
     */
    public CompletionStage<Optional<Session>> end(String reference, Reason reason) {
        return sessions.removeByReference(reference)
                .whenComplete((ended, failure) -> {
                    if (failure != null) {
                        cut(reference, reason);
                    } else {
                        ended.ifPresent(session -> ended(session, reason));
                    }
                });
    }

    /** Cuts what stands on a session that the store has let go of already, and writes it down. */
    public void ended(Session session, Reason reason) {
        cut(session.reference(), reason);
        // The end stands whether or not it can be written down.
        var _ =
                audit.accept(
                        new AuditEvent(
                                clock.instant(),
                                AuditEvent.Kind.SESSION_END,
                                AuditEvent.Verdict.DONE,
                                reason,
                                NOBODY,
                                NOBODY,
                                session.user().value(),
                                null,
                                "session",
                                session.reference(),
                                null,
                                null,
                                0));
    }

    private void cut(String reference, Reason reason) {
        connections.close(new LiveConnections.Key.Handle(reference), reason);
    }
}
