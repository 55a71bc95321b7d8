package dev.portcullis.identity;

import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The key that a token is bound to (RFC 7800 §3.1): whoever presents the token must show that he
 * holds it.
 *
 * @param thumbprint of the key that signs proofs (RFC 9449 §6.1), or null
 * @param certificate SHA-256 of the TLS client certificate (RFC 8705 §3.1), or null
 */
record Confirmation(@Nullable String thumbprint, @Nullable String certificate) {
    /** Of a token that is bound to nothing. */
    static final Confirmation NONE = new Confirmation(null, null);

    private static final String THUMBPRINT = "jkt";
    private static final String CERTIFICATE = "x5t#S256";
    private static final Set<String> KNOWN = Set.of(THUMBPRINT, CERTIFICATE);
    private static final Pattern SHA256 = Pattern.compile("[A-Za-z0-9_-]{43}");

    /** Null if the token is bound by something else, or it is not clear by what. */
    static @Nullable Confirmation of(JsonObject claims) {
        if (!claims.has("cnf")) {
            return NONE;
        }
        if (!(claims.get("cnf") instanceof JsonObject methods)
                || methods.members().isEmpty()
                || !KNOWN.containsAll(methods.members().keySet())) {
            return null;
        }
        for (var name : methods.members().keySet()) {
            var hash = methods.text(name);
            if (hash == null || !SHA256.matcher(hash).matches()) {
                return null;
            }
        }
        return new Confirmation(methods.text(THUMBPRINT), methods.text(CERTIFICATE));
    }
}
