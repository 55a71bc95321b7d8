package dev.portcullis.http;

import org.jspecify.annotations.Nullable;

/**
 * The field names that most heads are made of. A name that is found here is not made again for
 * every request, and compares by identity.
 */
final class KnownNames {
    private static final int SLOTS = 256;
    private static final @Nullable String[] TABLE =
            table(
                    "accept",
                    "accept-encoding",
                    "accept-language",
                    "accept-ranges",
                    "access-control-allow-origin",
                    "age",
                    "allow",
                    "authorization",
                    "cache-control",
                    "connection",
                    "content-disposition",
                    "content-encoding",
                    "content-length",
                    "content-security-policy",
                    "content-type",
                    "cookie",
                    "cross-origin-opener-policy",
                    "cross-origin-resource-policy",
                    "date",
                    "dnt",
                    "dpop",
                    "etag",
                    "expect",
                    "expires",
                    "host",
                    "http2-settings",
                    "idempotency-key",
                    "if-match",
                    "if-modified-since",
                    "if-none-match",
                    "if-range",
                    "keep-alive",
                    "last-event-id",
                    "last-modified",
                    "location",
                    "origin",
                    "permissions-policy",
                    "pragma",
                    "priority",
                    "proxy-connection",
                    "range",
                    "referer",
                    "referrer-policy",
                    "sec-ch-ua",
                    "sec-ch-ua-mobile",
                    "sec-ch-ua-platform",
                    "sec-fetch-dest",
                    "sec-fetch-mode",
                    "sec-fetch-site",
                    "sec-fetch-user",
                    "sec-websocket-accept",
                    "sec-websocket-extensions",
                    "sec-websocket-key",
                    "sec-websocket-protocol",
                    "sec-websocket-version",
                    "server",
                    "set-cookie",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "upgrade-insecure-requests",
                    "user-agent",
                    "vary",
                    "via",
                    "x-content-type-options",
                    "x-forwarded-for",
                    "x-forwarded-host",
                    "x-forwarded-proto",
                    "x-frame-options",
                    "x-openclaw-requester-session-key",
                    "x-requested-with");

    private KnownNames() {}

    /** The name of those bytes, lower-case already, or null if it is not known. */
    static @Nullable String find(byte[] bytes, int from, int to) {
        if (to == from) {
            return null;
        }
        int slot = slot(to - from, bytes[from], bytes[from + (to - from) / 2], bytes[to - 1]);
        for (var name = TABLE[slot]; name != null; name = TABLE[slot]) {
            if (isSame(name, bytes, from, to)) {
                return name;
            }
            slot = (slot + 1) % SLOTS;
        }
        return null;
    }

    private static boolean isSame(String name, byte[] bytes, int from, int to) {
        if (name.length() != to - from) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (name.charAt(i - from) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static int slot(int length, int first, int middle, int last) {
        return (length * 7 + first * 31 + middle * 13 + last * 3) & (SLOTS - 1);
    }

    private static @Nullable String[] table(String... names) {
        var table = new @Nullable String[SLOTS];
        for (var name : names) {
            int length = name.length();
            int slot =
                    slot(length, name.charAt(0), name.charAt(length / 2), name.charAt(length - 1));
            while (table[slot] != null) {
                slot = (slot + 1) % SLOTS;
            }
            table[slot] = name;
        }
        return table;
    }
}
