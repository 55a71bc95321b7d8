package dev.portcullis.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads cookies, and keeps ours between the browser and us (RFC 6265bis §5.6, §5.8.3). Every
 * function looks at each character once: a hostile header costs what its length costs.
 */
public final class Cookies {
    /** What every cookie of ours begins with. */
    public static final String OURS = "__Host-portcullis";

    private static final String OURS_FOLDED = "__host-portcullis";

    /** What a request says under one name. */
    public sealed interface Found {
        /** Nothing. */
        record None() implements Found {}

        /** One cookie of that name. */
        record One(String value) implements Found {
            /** Without the value. */
            @Override
            public String toString() {
                return "One[(secret)]";
            }
        }

        /** The name more than once: which one is meant, nobody can say. */
        record Several() implements Found {}
    }

    private static final Found NONE = new Found.None();
    private static final Found SEVERAL = new Found.Several();

    private Cookies() {}

    /** What the request's {@code cookie} fields, all of them, say under exactly that name. */
    public static Found find(Fields fields, String name) {
        String value = null;
        for (var field : fields) {
            if (!field.name().equals("cookie")) {
                continue;
            }
            var header = field.value();
            for (int from = 0; from <= header.length(); ) {
                int end = endOfPair(header, from);
                var found = valueIf(name, header, from, end);
                if (found != null && value != null) {
                    return SEVERAL;
                }
                value = found == null ? value : found;
                from = end + 1;
            }
        }
        return value == null ? NONE : new Found.One(value);
    }

    /**
     * The value of a {@code cookie} field as it may travel upstream: without every pair that
     * mentions a name of ours in any case, wherever a lenient reader could find it.
     *
     * @return the same string if nothing of ours is in it; null if nothing else is
     */
    public static @Nullable String withoutOurs(String cookieHeader) {
        if (!mentionsOurs(cookieHeader, 0, cookieHeader.length())) {
            return cookieHeader;
        }
        List<String> kept = new ArrayList<>();
        for (int from = 0; from <= cookieHeader.length(); ) {
            int end = endOfPair(cookieHeader, from);
            if (!mentionsOurs(cookieHeader, from, end)) {
                var pair = cookieHeader.substring(from, end).strip();
                if (!pair.isEmpty()) {
                    kept.add(pair);
                }
            }
            from = end + 1;
        }
        return kept.isEmpty() ? null : String.join("; ", kept);
    }

    /**
     * Whether a {@code set-cookie} value from upstream would set or clear a cookie of ours. Case,
     * blanks, a missing name ({@code =__Host-portcullis=…}) and a comma do not hide it.
     */
    public static boolean setsOurs(String setCookieValue) {
        return mentionsOurs(setCookieValue, 0, endOfPair(setCookieValue, 0));
    }

    private static @Nullable String valueIf(String name, String header, int from, int end) {
        int start = from;
        while (start < end && isBlank(header.charAt(start))) {
            start++;
        }
        int equals = start + name.length();
        if (!header.startsWith(name, start)) {
            return null;
        }
        while (equals < end && isBlank(header.charAt(equals))) {
            equals++;
        }
        if (equals >= end || header.charAt(equals) != '=') {
            return null;
        }
        return header.substring(equals + 1, end).strip();
    }

    private static int endOfPair(String header, int from) {
        int semicolon = header.indexOf(';', from);
        return semicolon < 0 ? header.length() : semicolon;
    }

    private static boolean mentionsOurs(String text, int from, int end) {
        int last = end - OURS_FOLDED.length();
        for (int i = text.indexOf("__", from); i >= 0 && i <= last; i = text.indexOf("__", i + 1)) {
            if (text.regionMatches(true, i, OURS_FOLDED, 0, OURS_FOLDED.length())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
