package dev.portcullis.identity;

import org.jspecify.annotations.Nullable;

/**
 * One {@code Authorization} value (RFC 9110 §11.4): the token, and whether it is said to be worth
 * something by itself (RFC 6750 §2.1) or only with a proof (RFC 9449 §7.1).
 */
record PresentedToken(Scheme scheme, String token) {
    /** How a token is presented. */
    enum Scheme {
        BEARER("bearer "),
        DPOP("dpop ");

        private final String prefix;

        Scheme(String prefix) {
            this.prefix = prefix;
        }
    }

    /** Null if the scheme is another one or nothing follows. */
    static @Nullable PresentedToken of(String value) {
        for (var scheme : Scheme.values()) {
            int length = scheme.prefix.length();
            if (value.regionMatches(true, 0, scheme.prefix, 0, length) && value.length() > length) {
                return new PresentedToken(scheme, value.substring(length));
            }
        }
        return null;
    }

    /** Nothing of the token. */
    @Override
    public String toString() {
        return "PresentedToken[" + scheme + "]";
    }
}
