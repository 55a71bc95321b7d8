package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pseudo-header fields of one HTTP/2 request: each once, known, and first (RFC 9113 §8.3). */
final class PseudoFields {
    private @Nullable String method;
    private @Nullable String scheme;
    private @Nullable String authority;
    private @Nullable String path;
    private @Nullable String protocol;

    /**
     * Takes them out of the list.
     *
     * @param fields gets the others
     * @return why the list is refused, or null
     */
    @Nullable Reason split(List<Field> list, List<Field> fields) {
        Reason why = null;
        for (int i = 0; i < list.size(); i++) {
            var field = list.get(i);
            if (!field.name().startsWith(":")) {
                fields.add(field);
            } else if (!fields.isEmpty() || !take(field)) {
                why = Reason.HEAD_MALFORMED;
            }
        }
        return why;
    }

    /** False for an unknown one, a second one, or one with a value that is none. */
    private boolean take(Field field) {
        if (!HeadSyntax.isFieldValue(field.value())) {
            return false;
        }
        var value = field.value();
        boolean first;
        switch (field.name()) {
            case ":method" -> {
                first = method == null;
                method = value;
            }
            case ":scheme" -> {
                first = scheme == null;
                scheme = value;
            }
            case ":authority" -> {
                first = authority == null;
                authority = value;
            }
            case ":path" -> {
                first = path == null;
                path = value;
            }
            case ":protocol" -> {
                first = protocol == null;
                protocol = value;
            }
            default -> first = false;
        }
        return first;
    }

    @Nullable String method() {
        return method;
    }

    String methodOrEmpty() {
        return method == null ? "" : method;
    }

    @Nullable String scheme() {
        return scheme;
    }

    @Nullable String authority() {
        return authority;
    }

    @Nullable String path() {
        return path;
    }

    @Nullable String protocol() {
        return protocol;
    }
}
