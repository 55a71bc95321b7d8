package dev.portcullis.identity;

import dev.portcullis.config.TokenIssuerConfig;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a token is an access token, and for us (RFC 9068 §4, RFC 8725 §3.8 to §3.12). An ID,
 * refresh or logout token of the same issuer is signed by the same key and must never pass for one,
 * whatever its type header says.
 */
final class AccessTokenRules {
    private static final String MEDIA_TYPE_PREFIX = "application/";
    private static final String AT_JWT = "at+jwt";

    /** Claims that only stand in tokens of other kinds: ID tokens, logout and event tokens. */
    private static final List<String> OTHER_KINDS =
            List.of("nonce", "at_hash", "c_hash", "s_hash", "events", "toe");

    /**
     * What a payload may call itself, where it does: Keycloak says ID, Refresh, Offline, Logout.
     */
    private static final Set<String> OWN_NAMES = Set.of("bearer", "jwt", AT_JWT);

    private AccessTokenRules() {}

    /** What speaks against the token; null if nothing does. Says nothing of time or signature. */
    static @Nullable TokenFlaw flawIn(UnverifiedJwt token, TokenIssuerConfig config) {
        var claims = token.claims();
        if (!isTyped(token.header(), config.type())) {
            return TokenFlaw.TYPE;
        }
        if (isOfAnotherKind(claims)) {
            return TokenFlaw.NOT_AN_ACCESS_TOKEN;
        }
        var audience = claims.texts("aud");
        boolean isForUs = audience != null && audience.contains(config.audience());
        return isForUs ? null : TokenFlaw.AUDIENCE;
    }

    /** RFC 9068 §2.1; types are compared without case and prefix (RFC 7515 §4.1.9). */
    private static boolean isTyped(JsonObject header, TokenIssuerConfig.Type wanted) {
        if (!header.has("typ")) {
            return wanted == TokenIssuerConfig.Type.JWT;
        }
        var type = header.text("typ");
        if (type == null) {
            return false;
        }
        var lower = type.toLowerCase(Locale.ROOT);
        var name =
                lower.startsWith(MEDIA_TYPE_PREFIX)
                        ? lower.substring(MEDIA_TYPE_PREFIX.length())
                        : lower;
        return name.equals(AT_JWT) || (wanted == TokenIssuerConfig.Type.JWT && name.equals("jwt"));
    }

    private static boolean isOfAnotherKind(JsonObject claims) {
        if (OTHER_KINDS.stream().anyMatch(claims::has)) {
            return true;
        }
        return !saysAccess(claims, "typ", OWN_NAMES)
                || !saysAccess(claims, "token_use", Set.of("access"));
    }

    private static boolean saysAccess(JsonObject claims, String name, Set<String> accepted) {
        if (!claims.has(name)) {
            return true;
        }
        var value = claims.text(name);
        return value != null && accepted.contains(value.toLowerCase(Locale.ROOT));
    }
}
