package dev.portcullis.login;

import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.AuditLog;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.RequestHead;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Writes down what became of a sign-in or a sign-out. */
record Trail(AuditLog audit, InstantSource clock) {
    /**
     * Hands over one event.
     *
     * @param user the canonical name, or the raw one that was refused, or null
     * @param handle the session's reference, or null
     * @return false if it cannot be written down
     */
    boolean write(
            AuditEvent.Kind kind,
            AuditEvent.Verdict verdict,
            Reason reason,
            RequestHead head,
            ClientInfo client,
            @Nullable String user,
            @Nullable String handle,
            int status) {
        return audit.accept(
                new AuditEvent(
                        clock.instant(),
                        kind,
                        verdict,
                        reason,
                        client.requestId(),
                        client.remote(),
                        user,
                        null,
                        handle == null ? null : "session",
                        handle,
                        head.method().name(),
                        head.target().path(),
                        status));
    }
}
