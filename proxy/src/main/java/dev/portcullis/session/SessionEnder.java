package dev.portcullis.session;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.AuditLog;
import dev.portcullis.audit.Reason;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * Ends sessions, whoever asks for it: out of the store, every connection that stands on them cut,
 * written down. Any thread, and nothing waits.
 */
public record SessionEnder(
        SessionStore sessions, LiveConnections connections, AuditLog audit, InstantSource clock)
        implements SessionStore.Listener {

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

    /**
     * Ends whatever matches, and writes each down.
     *
     * @return how many; fails if the store is out of reach, and then some may have ended
     */
    public CompletionStage<Integer> endIf(Predicate<Session> which, Reason reason) {
        return sessions.list(clock.instant())
                .thenCompose(listed ->
                        endAll(
                                listed.stream()
                                        .map(SessionStore.Listed::session)
                                        .filter(which)
                                        .toList(),
                                reason));
    }

    private CompletionStage<Integer> endAll(List<Session> all, Reason reason) {
        CompletionStage<Integer> count = CompletableFuture.completedStage(0);
        for (var session : all) {
            var one = end(session.reference(), reason);
            count = count.thenCombine(one, (n, gone) -> gone.isPresent() ? n + 1 : n);
        }
        return count;
    }

    /** Cuts whatever the user has open, by whatever means he came; how much that was. */
    public int cut(UserName user, Reason reason) {
        return connections.close(new LiveConnections.Key.User(user), reason);
    }

    /** Another process of the fleet ended it. */
    @Override
    public void ended(String reference) {
        cut(reference, Reason.SESSION_ENDED);
    }

    /** The store has been out of reach for too long. */
    @Override
    public void unknown(String reference) {
        cut(reference, Reason.STORE_UNAVAILABLE);
    }

    /** Another process of the fleet changed it. */
    @Override
    public void changed(String reference) {
        sessions.find(reference, clock.instant())
                .whenComplete((found, failure) -> {
                    if (failure == null) {
                        found.ifPresentOrElse(
                                session -> connections.judgeAgain(session.principal()),
                                () -> ended(reference));
                    }
                });
    }

    /** Cuts what stands on a session that the store has let go of already, and writes it down. */
    public void ended(Session session, Reason reason) {
        cut(session.reference(), reason);
        // The end stands whether or not it can be written down.
        var _ =
                audit.accept(
                        AuditEvent.ofEnd(
                                clock.instant(),
                                reason,
                                session.user().value(),
                                "session",
                                session.reference()));
    }

    private void cut(String reference, Reason reason) {
        connections.close(new LiveConnections.Key.Handle(reference), reason);
    }
}
