package dev.portcullis.policy;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import org.jspecify.annotations.Nullable;

/** What becomes of one request. Every way it can end is named here; none is implied. */
public sealed interface Decision {
    /** Relay it. */
    record Allow(Permit permit) implements Decision {}

    /**
     * Refuse it.
     *
     * @param status 400, 401, 403, 413, 421, 429 or 503
     * @param reason for the audit; the client is not told
     * @param user who it was, where that is proven, so that the page can say so
     */
    record Deny(int status, Reason reason, @Nullable UserName user) implements Decision {}

    /** Send the browser to sign in (OpenID Connect Core §3.1.2.1). */
    record Challenge(Reason reason) implements Decision {}
}
