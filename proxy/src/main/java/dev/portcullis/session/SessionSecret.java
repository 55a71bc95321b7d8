package dev.portcullis.session;

import dev.portcullis.runtime.Sha256;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/**
 * 256 random bits that a browser holds and nobody can guess. The server keeps only their hash, so
 * that a stolen store signs nobody in. Prints as {@code (secret)}.
 */
public final class SessionSecret {
    private static final int BYTES = 32;
    private static final int CHARACTERS = 43;
    private static final int REFERENCE_CHARACTERS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private final String value;

    private SessionSecret(String value) {
        this.value = value;
    }

    /** A new one. */
    public static SessionSecret random() {
        var bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new SessionSecret(BASE64URL.encodeToString(bytes));
    }

    /**
     * The secret a browser sent, if it has the form of one: 43 characters of base64url that decode
     * to 32 bytes and encode to themselves (RFC 4648 §3.5).
     */
    public static Optional<SessionSecret> parse(String sent) {
        if (sent.length() != CHARACTERS) {
            return Optional.empty();
        }
        for (int i = 0; i < CHARACTERS; i++) {
            if (!isBase64Url(sent.charAt(i))) {
                return Optional.empty();
            }
        }
        // 43 characters hold 258 bits: the last two must be zero.
        return "AEIMQUYcgkosw048".indexOf(sent.charAt(CHARACTERS - 1)) >= 0
                ? Optional.of(new SessionSecret(sent))
                : Optional.empty();
    }

    /** SHA-256 of the value in base64url: the name under which the server keeps what it proves. */
    public String key() {
        return BASE64URL.encodeToString(Sha256.of(value));
    }

    /** The part of a key that names a session where people and logs can see it. */
    public static String reference(String key) {
        return key.substring(0, REFERENCE_CHARACTERS);
    }

    /** The value itself. Named so that every use can be found. */
    public String expose() {
        return value;
    }

    @Override
    public String toString() {
        return "(secret)";
    }

    private static boolean isBase64Url(char c) {
        return (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_';
    }
}
