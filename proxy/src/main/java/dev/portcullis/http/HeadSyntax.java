package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of header field lines, to the letter and for both directions (RFC 9112 §5, RFC 9110
 * §5). Nothing that a lenient parser would repair gets past it: no obs-fold, no blank before a
 * colon, no control byte in a value.
 */
final class HeadSyntax {
    private static final boolean[] TOKEN = new boolean[256];
    private static final boolean[] VALUE = new boolean[256];

    static {
        for (int c = '!'; c < 0x7F; c++) {
            TOKEN[c] = "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
        }
        for (int c = ' '; c < 256; c++) {
            VALUE[c] = c != 0x7F;
        }
        VALUE['\t'] = true;
    }

    private HeadSyntax() {}

    /** Whether the text is a token (RFC 9110 §5.6.2). */
    static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 0xFF || !TOKEN[c]) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Whether the text is a token without capitals, as names are in HTTP/2 (RFC 9113 §8.2.1). */
    static boolean isLowerCaseToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                return false;
            }
        }
        return isToken(text);
    }

    /** Whether the text is a field value as it stands, without blanks around it (§5.5). */
    static boolean isFieldValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 0xFF || !VALUE[c]) {
                return false;
            }
        }
        int last = text.length() - 1;
        return last < 0 || !(isBlank((byte) text.charAt(0)) || isBlank((byte) text.charAt(last)));
    }

    /**
     * Reads field lines up to the empty line that ends the head.
     *
     * @param bytes a head that ends in an empty line, every LF preceded by CR
     * @param from where the first field line starts
     * @param to behind the empty line's CRLF
     * @param into gets the fields, names in lower case
     * @param fieldsMax how many there may be
     * @return why the block is refused, or null if it is right
     */
    static @Nullable Reason readFields(
            byte[] bytes, int from, int to, List<Field> into, int fieldsMax) {
        int at = from;
        while (at < to - 2) {
            int lineEnd = indexOfCr(bytes, at, to);
            if (bytes[lineEnd + 1] != '\n') {
                return Reason.HEAD_MALFORMED; // A bare CR.
            }
            var why = readField(bytes, at, lineEnd, into);
            if (why != null) {
                return why;
            }
            if (into.size() > fieldsMax) {
                return Reason.HEAD_TOO_LARGE;
            }
            at = lineEnd + 2;
        }
        return null;
    }

    private static @Nullable Reason readField(byte[] bytes, int from, int end, List<Field> into) {
        int colon = from;
        while (colon < end && TOKEN[bytes[colon] & 0xFF]) {
            colon++;
        }
        if (colon == from || colon == end || bytes[colon] != ':') {
            return Reason.FIELD_NAME_MALFORMED;
        }
        int start = colon + 1;
        while (start < end && isBlank(bytes[start])) {
            start++;
        }
        int last = end;
        while (last > start && isBlank(bytes[last - 1])) {
            last--;
        }
        for (int i = start; i < last; i++) {
            if (!VALUE[bytes[i] & 0xFF]) {
                return Reason.FIELD_VALUE_MALFORMED;
            }
        }
        into.add(new Field(lowerCase(bytes, from, colon), latin1(bytes, start, last)));
        return null;
    }

    /** The first CR from there on; the caller knows that there is one. */
    static int indexOfCr(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != '\r') {
            at++;
        }
        return at;
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    static String latin1(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static String lowerCase(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] >= 'A' && bytes[i] <= 'Z') {
                bytes[i] = (byte) (bytes[i] + ('a' - 'A'));
            }
        }
        var known = KnownNames.find(bytes, from, to);
        return known == null ? latin1(bytes, from, to) : known;
    }

    /**
     * The members of a comma-separated list of tokens, in lower case, over all fields of that name.
     *
     * @return null if one of them is not a token; empty members are not tokens
     */
    static @Nullable List<String> tokens(List<Field> fields, String name) {
        var tokens = new ArrayList<String>(2);
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            if (field.name().equals(name) && !addTokens(field.value(), tokens)) {
                return null;
            }
        }
        return tokens;
    }

    private static boolean addTokens(String value, List<String> into) {
        int from = 0;
        while (from <= value.length()) {
            int comma = value.indexOf(',', from);
            int end = comma < 0 ? value.length() : comma;
            var token = value.substring(from, end).strip();
            if (!isToken(token)) {
                return false;
            }
            into.add(token.toLowerCase(java.util.Locale.ROOT));
            from = end + 1;
        }
        return true;
    }
}
