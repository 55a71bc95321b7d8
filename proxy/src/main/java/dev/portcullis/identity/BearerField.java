package dev.portcullis.identity;

import org.jspecify.annotations.Nullable;

/** Reads one {@code Authorization} value (RFC 9110 §11.4, RFC 6750 §2.1). */
final class BearerField {
    private static final String SCHEME = "bearer ";

    private BearerField() {}

    /** What follows the scheme and one blank; null if the scheme is another or nothing follows. */
    static @Nullable String token(String value) {
        boolean bearer = value.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        return bearer && value.length() > SCHEME.length() ? value.substring(SCHEME.length()) : null;
    }
}
