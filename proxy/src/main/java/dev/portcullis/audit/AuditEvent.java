package dev.portcullis.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of the audit log: who, from where, what, verdict and why. Holds no secret by
 * construction: no query, no header value, no cookie, no token.
 *
 * @param at wall-clock time of the decision
 * @param kind what happened
 * @param verdict what came of it
 * @param reason why, as a stable code
 * @param requestId the id on the answer and in the log; for a socket that of its upgrade
 * @param remote the client's address and port as the socket has it
 * @param user the canonical name, or null where nobody is known; for a name that was refused the
 *     raw value, escaped and capped by the writer
 * @param role the role's name, or null
 * @param means {@code session}, {@code token}, {@code certificate}, or null
 * @param handle the reference of the session, token or certificate, never the secret; or null
 * @param method the request's method, or null below HTTP
 * @param path the request's path without its query, or null
 * @param status the status of our own answer; 0 if the Gateway will answer, or nobody
 */
public record AuditEvent(
        Instant at,
        Kind kind,
        Verdict verdict,
        Reason reason,
        String requestId,
        String remote,
        @Nullable String user,
        @Nullable String role,
        @Nullable String means,
        @Nullable String handle,
        @Nullable String method,
        @Nullable String path,
        int status) {

    /** In place of a request's id and a client's address where there is neither. */
    private static final String NOBODY = "-";

    /** Of the process itself: nobody asked for it in a request. */
    public static AuditEvent ofProcess(Instant at, Kind kind, Verdict verdict, Reason reason) {
        return withoutRequest(at, kind, verdict, reason, null, null, null);
    }

    /** The end of a session or token, in no request. */
    public static AuditEvent ofEnd(
            Instant at, Reason reason, String user, String means, String handle) {
        return withoutRequest(at, Kind.SESSION_END, Verdict.DONE, reason, user, means, handle);
    }

    private static AuditEvent withoutRequest(
            Instant at,
            Kind kind,
            Verdict verdict,
            Reason reason,
            @Nullable String user,
            @Nullable String means,
            @Nullable String handle) {
        return new AuditEvent(
                at, kind, verdict, reason, NOBODY, NOBODY, user, null, means, handle, null, null,
                0);
    }

    /** What happened. */
    public enum Kind {
        REQUEST,
        UPGRADE,
        SIGN_IN,
        SIGN_OUT,
        SESSION_END,
        SOCKET_CLOSE,
        RELOAD,
        CLOCK
    }

    /** What came of it. */
    public enum Verdict {
        ALLOW,
        DENY,
        CHALLENGE,
        DONE
    }
}
