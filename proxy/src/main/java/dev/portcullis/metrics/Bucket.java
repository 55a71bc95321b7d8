package dev.portcullis.metrics;

import java.util.Locale;

/** The rate limits, by the names of their keys under {@code rate-limits}. */
public enum Bucket {
    /** Requests of one client address. */
    ADDRESS(Limit.RATE_ADDRESS),
    /** Requests of one user. */
    USER(Limit.RATE_USER),
    /** Sign-ins of one address. */
    SIGN_IN(Limit.RATE_SIGN_IN),
    /** Refused tokens of one address. */
    TOKENS(Limit.RATE_TOKENS);

    private final Limit limit;
    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    Bucket(Limit limit) {
        this.limit = limit;
    }

    /** The limit that was reached when the bucket is empty. */
    public Limit limit() {
        return limit;
    }

    /** The name in metrics and in {@code RateLimit}, such as {@code sign-in}. */
    public String label() {
        return label;
    }
}
