package dev.portcullis.http;

import org.jspecify.annotations.Nullable;

/**
 * A request target in origin form, forwarded exactly as it came: what was judged is what travels.
 *
 * @param path starts with one {@code /}; percent-encoded as received; no dot segments, no empty
 *     first segment, no encoded slash, backslash, dot or control
 * @param query what followed the first {@code ?}, as received, or null
 */
public record Target(String path, @Nullable String query) {
    /** As it stands on the request line. */
    public String full() {
        return query == null ? path : path + '?' + query;
    }

    /** The path only: a query may carry a ticket or a code, and never belongs in a log. */
    @Override
    public String toString() {
        return path;
    }
}
