package dev.portcullis.policy;

import dev.portcullis.metrics.Bucket;

/**
 * How fast one client may go. Any thread; never blocks.
 *
 * @param <K> what one client is: an address, a user
 */
public interface RateLimit<K> {
    /** Takes one request out of the client's bucket, if there is one left. */
    Verdict tryOne(K client);

    /** What became of it. */
    sealed interface Verdict {
        /** Go on. */
        record Allowed() implements Verdict {
            /** The one there is. */
            public static final Allowed ALLOWED = new Allowed();
        }

        /**
         * Too fast: 429.
         *
         * @param bucket which limit it was
         * @param quota requests that a full bucket holds, or failures that are borne
         * @param windowSeconds in which an empty bucket is full again; at least 1
         * @param retryAfterSeconds until the next request would pass, rounded up; at least 1. For
         *     {@code Retry-After} (RFC 9110 §10.2.3)
         */
        record Refused(Bucket bucket, long quota, long windowSeconds, long retryAfterSeconds)
                implements Verdict {}
    }
}
