package dev.portcullis.metrics;

import java.util.Locale;

/** The buckets of the rate limits. */
public enum Bucket {
    /** Requests of one client address that may pass. */
    ADDRESS(Limit.RATE_ADDRESS),
    /** Requests of one client address that may not, or prove nobody; of the same size. */
    UNPROVEN(Limit.RATE_ADDRESS),
    /** Ends of sessions asked for by one client address, or its provider; of the same size. */
    SIGN_OUT(Limit.RATE_ADDRESS),
    /** Requests of one user. */
    USER(Limit.RATE_USER),
    /** Sign-ins of one address. */
    SIGN_IN(Limit.RATE_SIGN_IN),
    /** Refused tokens of one address. */
    TOKENS(Limit.RATE_TOKENS);

    private final Limit limit;

    Bucket(Limit limit) {
        this.limit = limit;
    }

    /** The limit that was reached when the bucket is empty. */
    public Limit limit() {
        return limit;
    }

    /** The name among all buckets, such as {@code sign-in}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The name in metrics and in {@code RateLimit}: the key under {@code rate-limits}. */
    public String label() {
        return limit == Limit.RATE_ADDRESS ? ADDRESS.id() : id();
    }
}
