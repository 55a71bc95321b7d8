package dev.portcullis.policy;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Principal;
import org.jspecify.annotations.Nullable;

/** What becomes of one request. Every way it can end is named here; none is implied. */
public sealed interface Decision {
    /** Relay it. */
    record Allow(Permit permit) implements Decision {}

    /**
     * Refuse it.
     *
     * @param status 400, 401, 403, 413, 421, 429 or 503; 0 if nobody gets an answer
     * @param reason for the audit; the client is not told
     * @param principal who it was and what proved it; null if nothing did
     */
    record Deny(int status, Reason reason, @Nullable Principal principal) implements Decision {
        /** Nobody is known. */
        public Deny(int status, Reason reason) {
            this(status, reason, null);
        }

        /** Who it was, so that the page can say so. */
        public @Nullable UserName user() {
            return principal == null ? null : principal.user();
        }
    }

    /** Send the browser to sign in (OpenID Connect Core §3.1.2.1). */
    record Challenge(Reason reason) implements Decision {}
}
