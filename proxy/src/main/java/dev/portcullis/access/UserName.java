package dev.portcullis.access;

import java.util.Optional;

/**
 * A user's name in its one canonical form, so that the configuration file, a claim, a certificate
 * and the header to the Gateway can only ever mean the same person.
 *
 * <p>Canonical is: surrounding blanks removed, printable ASCII without blanks, commas, quotes or
 * backslashes, at most 254 characters, and at most one {@code @}. A name with an {@code @} has the
 * shape of an e-mail address and is lower-cased; the Gateway compares names exactly and by case.
 */
public record UserName(String value) {
    /**
     * The longest name accepted, in characters: the longest e-mail address (RFC 5321 §4.5.3.1.3).
     */
    public static final int CHARACTERS_MAX = 254;

    /**
     * Only for values that are canonical already; everything else goes through {@link #canonical}.
     */
    public UserName {
        if (!isCanonical(value)) {
            throw new IllegalArgumentException("not a canonical user name");
        }
    }

    /**
     * The canonical form of a name found in a file, a claim or a certificate.
     *
     * @return empty if the name has no canonical form; the caller refuses, and never repairs
     */
    public static Optional<UserName> canonical(String found) {
        var name = withoutBlanksAround(found);
        var candidate = name.indexOf('@') < 0 ? name : lowerCase(name);
        return isCanonical(candidate) ? Optional.of(new UserName(candidate)) : Optional.empty();
    }

    /** Blanks only: a line feed or a blank of Unicode at the end is no slip of a keyboard. */
    private static String withoutBlanksAround(String found) {
        int start = 0;
        int end = found.length();
        while (start < end && found.charAt(start) == ' ') {
            start++;
        }
        while (end > start && found.charAt(end - 1) == ' ') {
            end--;
        }
        return found.substring(start, end);
    }

    /** A to Z only: Unicode would make the Kelvin sign a k, and a stranger somebody we know. */
    private static String lowerCase(String name) {
        var lower = new StringBuilder(name);
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                lower.setCharAt(i, (char) (c - 'A' + 'a'));
            }
        }
        return lower.toString();
    }

    private static boolean isCanonical(String name) {
        if (name.isEmpty() || name.length() > CHARACTERS_MAX) {
            return false;
        }
        int at = name.indexOf('@');
        if (at >= 0 && (at == 0 || at == name.length() - 1 || name.indexOf('@', at + 1) >= 0)) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean upperInAddress = at >= 0 && c >= 'A' && c <= 'Z';
            if (c <= ' ' || c >= 0x7F || c == ',' || c == '"' || c == '\\' || upperInAddress) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return value;
    }
}
