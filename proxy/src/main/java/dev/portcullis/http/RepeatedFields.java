package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a second copy of any field that somebody decides by: two readers might each believe
 * another copy (RFC 9110 §5.3 allows only list-valued fields to repeat).
 */
final class RepeatedFields {
    /** The fields that may stand once, each with its bit. */
    private static final Map<String, Integer> ONCE =
            bits(
                    "host",
                    "content-length",
                    "transfer-encoding",
                    "content-type",
                    "content-encoding",
                    "expect",
                    "upgrade",
                    "authorization",
                    "origin",
                    "referer",
                    "user-agent",
                    "range",
                    "if-range",
                    "if-match",
                    "if-none-match",
                    "if-modified-since",
                    "sec-websocket-key",
                    "sec-websocket-version",
                    "sec-websocket-protocol",
                    "sec-fetch-site",
                    "sec-fetch-mode",
                    "sec-fetch-dest",
                    "sec-fetch-user",
                    "last-event-id",
                    "idempotency-key",
                    "x-openclaw-requester-session-key");

    private RepeatedFields() {}

    /** Why the head is refused, or null. */
    static @Nullable Reason problem(List<Field> fields) {
        int seen = 0;
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            var bit = ONCE.get(field.name());
            if (bit != null) {
                if ((seen & bit) != 0) {
                    return framingName(field.name())
                            ? Reason.FRAMING_AMBIGUOUS
                            : Reason.FIELD_REPEATED;
                }
                seen |= bit;
                if (field.name().startsWith("sec-fetch-") && field.value().indexOf(',') >= 0) {
                    return Reason.FIELD_REPEATED; // Joined copies are copies.
                }
            }
        }
        return null;
    }

    private static boolean framingName(String name) {
        return name.equals("content-length") || name.equals("transfer-encoding");
    }

    private static Map<String, Integer> bits(String... names) {
        var bits = new java.util.HashMap<String, Integer>();
        for (var name : names) {
            bits.put(name, 1 << bits.size());
        }
        return Map.copyOf(bits);
    }
}
