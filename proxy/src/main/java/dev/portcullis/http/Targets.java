package dev.portcullis.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads request targets, and accepts only those that every parser reads alike. The Gateway resolves
 * a target as a WHATWG URL, where {@code \}, dot segments and a second slash change which route it
 * is; a target that needs resolving is refused, so what is judged is what travels.
 *
 * <p>Accepted is origin form alone (RFC 9112 §3.2.1): a path of {@code pchar} (RFC 3986 §3.3)
 * without {@code ;}, empty or dot segments; percent-encodings only of what must be encoded, and
 * never of {@code / \ . % ; ? #}, a control or an unreserved character; valid UTF-8 once decoded.
 *
 * <p>The Gateway cuts a capability prefix off, so it could be a second spelling of any route. It
 * stands before hosted surfaces, which are all below {@code /__openclaw__/}, or alone.
 */
public final class Targets {
    private static final boolean[] PATH = new boolean[128];
    private static final boolean[] QUERY = new boolean[128];
    private static final String UNRESERVED_MARKS = "-._~";
    private static final String NEVER_ENCODED = "/\\.%;?#";
    private static final String CAPABILITY = "/__openclaw__/cap/";
    private static final String HOSTED = "/__openclaw__/";

    static {
        for (char c = '!'; c < 0x7F; c++) {
            PATH[c] = isLetterOrDigit(c) || "-._~!$&'()*+,=:@/%".indexOf(c) >= 0;
            QUERY[c] = "\"<>#\\".indexOf(c) < 0;
        }
    }

    private Targets() {}

    /** The target, or null if it is to be refused. */
    public static @Nullable Target parse(String text) {
        int question = text.indexOf('?');
        var path = question < 0 ? text : text.substring(0, question);
        var query = question < 0 ? null : text.substring(question + 1);
        boolean right = isCanonicalPath(path) && (query == null || isAllOf(query, QUERY));
        return right ? new Target(path, query) : null;
    }

    /** Whether the path is one that every parser reads alike. */
    public static boolean isCanonicalPath(String path) {
        return !path.isEmpty()
                && path.charAt(0) == '/'
                && isAllOf(path, PATH)
                && hasPlainSegments(path)
                && !isSecondSpelling(path)
                && (path.indexOf('%') < 0 || isEncodedOnlyWhereNeeded(path));
    }

    private static boolean isAllOf(String text, boolean[] allowed) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 128 || !allowed[c]) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasPlainSegments(String path) {
        int from = 1;
        while (from < path.length()) {
            int slash = path.indexOf('/', from);
            int end = slash < 0 ? path.length() : slash;
            int length = end - from;
            boolean dots =
                    path.charAt(from) == '.'
                            && (length == 1 || (length == 2 && path.charAt(from + 1) == '.'));
            if (length == 0 || dots) {
                return false;
            }
            from = end + 1;
        }
        return true;
    }

    /** Wherever the prefix stands: below a base path the Gateway cuts it off just the same. */
    private static boolean isSecondSpelling(String path) {
        int prefix = path.indexOf(CAPABILITY);
        if (prefix < 0) {
            return false;
        }
        int end = path.indexOf('/', prefix + CAPABILITY.length());
        return end >= 0 && end < path.length() - 1 && !path.startsWith(HOSTED, end);
    }

    private static boolean isEncodedOnlyWhereNeeded(String path) {
        var decoded = new byte[path.length()];
        int length = 0;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c != '%') {
                decoded[length++] = (byte) c;
                continue;
            }
            int octet = i + 2 < path.length() ? octet(path.charAt(i + 1), path.charAt(i + 2)) : -1;
            if (octet < 0 || isNeverEncoded(octet)) {
                return false;
            }
            decoded[length++] = (byte) octet;
            i += 2;
        }
        return isUtf8(decoded, length);
    }

    private static boolean isNeverEncoded(int octet) {
        if (octet < ' ' || octet == 0x7F) {
            return true;
        }
        return octet < 128
                && (isLetterOrDigit((char) octet)
                        || UNRESERVED_MARKS.indexOf(octet) >= 0
                        || NEVER_ENCODED.indexOf(octet) >= 0);
    }

    private static int octet(char high, char low) {
        int h = Character.digit(high, 16);
        int l = Character.digit(low, 16);
        return h < 0 || l < 0 || high >= 128 || low >= 128 ? -1 : h * 16 + l;
    }

    private static boolean isUtf8(byte[] bytes, int length) {
        try {
            var text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
            // C1 controls are two bytes long but still controls.
            return text.chars().noneMatch(c -> c >= 0x80 && c < 0xA0);
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
