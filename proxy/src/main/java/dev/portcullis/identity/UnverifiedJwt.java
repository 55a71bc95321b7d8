package dev.portcullis.identity;

import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A signed token whose form is beyond doubt and whose content nobody has vouched for yet. Only
 * {@link JwksSource#verify} turns it into a {@link VerifiedJwt}; until then its claims are good for
 * nothing but finding the issuer.
 */
public final class UnverifiedJwt {
    /** How a text reads as a token. */
    public sealed interface Parsed {}

    /** It has the form. */
    public record Wellformed(UnverifiedJwt token) implements Parsed {}

    /** It has not. */
    public record Malformed(TokenFlaw flaw) implements Parsed {}

    private static final int KEY_ID_CHARACTERS_MAX = 256;
    private static final Set<String> REMOTE_KEYS = Set.of("jku", "x5u", "jwk", "x5c");
    private static final Set<String> ENCRYPTED_OR_COMPRESSED = Set.of("zip", "enc", "epk", "apu");

    private final CompactForm form;
    private final JsonObject header;
    private final JsonObject claims;

    private UnverifiedJwt(CompactForm form, JsonObject header, JsonObject claims) {
        this.form = form;
        this.header = header;
        this.claims = claims;
    }

    /**
     * Reads the compact form strictly (RFC 7515 §7.1, RFC 8725 §3): alphabet, canonical last
     * characters, at most 16 KiB, JSON without duplicates, no header that brings its own key or
     * asks for processing that this reader does not do.
     */
    public static Parsed parse(String compact) {
        var flaw = CompactForm.flawIn(compact);
        if (flaw != null) {
            return new Malformed(flaw);
        }
        var form = CompactForm.of(compact);
        var header = StrictJson.object(form.headerBytes());
        if (header.isEmpty()) {
            return new Malformed(TokenFlaw.HEADER_NOT_JSON);
        }
        var headerFlaw = flawIn(header.get());
        if (headerFlaw != null) {
            return new Malformed(headerFlaw);
        }
        var claims = StrictJson.object(form.payloadBytes());
        return claims.isEmpty()
                ? new Malformed(TokenFlaw.PAYLOAD_NOT_JSON)
                : new Wellformed(new UnverifiedJwt(form, header.get(), claims.get()));
    }

    private static @Nullable TokenFlaw flawIn(JsonObject header) {
        if (header.text("alg") == null) {
            return TokenFlaw.ALGORITHM_MISSING;
        }
        if (header.has("crit")) { // We understand no extension, so none can be met (§4.1.11).
            return TokenFlaw.CRITICAL_EXTENSION;
        }
        if (header.has("b64")) { // RFC 7797
            return TokenFlaw.PAYLOAD_ENCODING;
        }
        if (ENCRYPTED_OR_COMPRESSED.stream().anyMatch(header::has)) {
            return TokenFlaw.ENCRYPTED_OR_COMPRESSED;
        }
        if (REMOTE_KEYS.stream().anyMatch(header::has)) { // RFC 8725 §3.10
            return TokenFlaw.REMOTE_KEY;
        }
        if (header.has("cty")) { // RFC 7519 §5.2: a token in a token.
            return TokenFlaw.NESTED;
        }
        return keyIdFlaw(header);
    }

    private static @Nullable TokenFlaw keyIdFlaw(JsonObject header) {
        if (!header.has("kid")) {
            return null;
        }
        var keyId = header.text("kid");
        boolean usable = keyId != null && keyId.length() <= KEY_ID_CHARACTERS_MAX;
        return usable ? null : TokenFlaw.KEY_ID_MALFORMED;
    }

    /** The protected header. */
    public JsonObject header() {
        return header;
    }

    /** What the token claims; nobody has vouched for it. */
    public JsonObject claims() {
        return claims;
    }

    /** The name of the signature algorithm it claims. */
    public String algorithm() {
        return Objects.requireNonNull(header.text("alg"), "no alg; parse() refuses that");
    }

    /**
     * The key it says it was signed with: a key into a map and nothing else; null if it is mute.
     */
    public @Nullable String keyId() {
        return header.text("kid");
    }

    CompactForm form() {
        return form;
    }

    /** Nothing of the token. */
    @Override
    public String toString() {
        return "UnverifiedJwt";
    }
}
