package dev.portcullis.policy;

import java.net.InetAddress;

/** How fast one client address may go. Any thread; never blocks. */
public interface RateLimit {
    /** Takes one request out of the address's bucket, if there is one left. */
    Verdict tryOne(InetAddress address);

    /** What became of it. */
    sealed interface Verdict {
        /**
         * Go on.
         *
         * @param remaining requests that may follow at once; 0 or more
         */
        record Allowed(long remaining) implements Verdict {}

        /**
         * Too fast: 429.
         *
         * @param retryAfterSeconds until the next request would pass, rounded up; at least 1. For
         *     {@code Retry-After} (RFC 9110 §10.2.3)
         */
        record Refused(long retryAfterSeconds) implements Verdict {}
    }
}
