package dev.portcullis.http;

import java.util.Set;

/**
 * The request fields that may travel to the Gateway, by name. Everything else a client sends is
 * dropped, whatever it is called: a list of what is dangerous would never be complete.
 */
public final class RelayedFields {
    private static final Set<String> ALLOWED =
            Set.of(
                    "accept",
                    "accept-encoding",
                    "accept-language",
                    "cache-control",
                    "content-encoding",
                    "content-type",
                    "cookie",
                    "idempotency-key",
                    "if-match",
                    "if-modified-since",
                    "if-none-match",
                    "if-range",
                    "last-event-id",
                    "origin",
                    "pragma",
                    "range",
                    "referer",
                    "sec-fetch-dest",
                    "sec-fetch-mode",
                    "sec-fetch-site",
                    "sec-fetch-user",
                    "user-agent",
                    "x-openclaw-requester-session-key");

    private RelayedFields() {}

    /** Whether a field of that lower-case name travels. */
    public static boolean travels(String name) {
        return ALLOWED.contains(name);
    }
}
