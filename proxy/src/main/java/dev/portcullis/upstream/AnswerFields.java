package dev.portcullis.upstream;

import dev.portcullis.http.Cookies;
import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;
import java.util.ArrayList;

/**
 * The fields of the Gateway's answer that reach the client: all of them, but for cookies of our
 * names, which only we may set, transport security, which only we can promise, and the request id,
 * which is ours.
 */
final class AnswerFields {
    private AnswerFields() {}

    static Fields filtered(Fields fields) {
        boolean untouched = true;
        for (int i = 0; i < fields.size() && untouched; i++) {
            untouched = passes(fields.get(i));
        }
        if (untouched) {
            return fields;
        }
        var kept = new ArrayList<Field>(fields.size());
        for (var field : fields) {
            if (passes(field)) {
                kept.add(field);
            }
        }
        return Fields.of(kept);
    }

    private static boolean passes(Field field) {
        return switch (field.name()) {
            case "set-cookie", "set-cookie2" -> !Cookies.setsOurs(field.value());
            case "strict-transport-security", "x-request-id", "clear-site-data" -> false;
            default -> true;
        };
    }
}
