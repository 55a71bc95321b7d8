package dev.portcullis.login;

import dev.portcullis.identity.JsonObject;
import dev.portcullis.identity.VerifiedJwt;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a logout token says what it must (OpenID Connect Back-Channel Logout 1.0 §2.6). Pure. The
 * order of the checks is the order of these lines.
 *
 * @param issuer must equal {@code iss}
 * @param clientId must be among {@code aud}
 * @param algorithms with which the provider says it signs
 */
record LogoutTokenCheck(String issuer, String clientId, Set<String> algorithms) {
    /** What a logout token tells of (§2.4). */
    static final String EVENT = "http://schemas.openid.net/event/backchannel-logout";

    /** A token good for longer would have to be remembered for longer. */
    static final Duration LIFETIME_MAX = Duration.ofDays(1);

    private static final String TYPE = "logout+jwt";
    private static final int CHARACTERS_MAX = 255;

    LogoutTokenCheck {
        algorithms = Set.copyOf(algorithms);
    }

    /** What is wrong with a token, for the log; null if all of it is right. */
    @Nullable String flawIn(VerifiedJwt token, Instant now) {
        if (!algorithms.contains(token.algorithm())) {
            return "alg is not one that the provider says it uses";
        }
        if (!isLogoutToken(token.header())) {
            return "typ is not logout+jwt";
        }
        var claims = token.claims();
        if (!issuer.equals(claims.text("iss"))) {
            return "iss is not the configured issuer";
        }
        var audiences = claims.texts("aud");
        if (audiences == null || !audiences.contains(clientId)) {
            return "aud does not name this client";
        }
        var flaw = IdTokenCheck.timeFlaw(claims, now);
        flaw = flaw == null ? lifetimeFlaw(claims, now) : flaw;
        flaw = flaw == null ? eventFlaw(claims) : flaw;
        return flaw == null ? subjectFlaw(claims) : flaw;
    }

    /** Its own type, so that no other kind of token passes for it (RFC 8725 §3.11). */
    private static boolean isLogoutToken(JsonObject header) {
        var type = header.text("typ");
        if (type == null) {
            return false;
        }
        var name = type.toLowerCase(Locale.ROOT);
        return name.equals(TYPE) || name.equals("application/" + TYPE);
    }

    private static @Nullable String lifetimeFlaw(JsonObject claims, Instant now) {
        var expires = IdTokenCheck.time(claims, "exp");
        return expires != null && expires.isAfter(now.plus(LIFETIME_MAX))
                ? "exp is more than a day ahead"
                : null;
    }

    private static @Nullable String eventFlaw(JsonObject claims) {
        if (!(claims.get("events") instanceof JsonObject events)
                || !(events.get(EVENT) instanceof JsonObject)) {
            return "events does not tell of a logout";
        }
        return claims.has("nonce") ? "nonce makes it another kind of token" : null;
    }

    private static @Nullable String subjectFlaw(JsonObject claims) {
        if (isUnusable(claims, "jti") || !claims.has("jti")) {
            return "jti is missing or malformed";
        }
        if (!claims.has("sub") && !claims.has("sid")) {
            return "neither sub nor sid";
        }
        return isUnusable(claims, "sub") || isUnusable(claims, "sid")
                ? "sub or sid is malformed"
                : null;
    }

    private static boolean isUnusable(JsonObject claims, String name) {
        var text = claims.text(name);
        return claims.has(name)
                && (text == null || text.isEmpty() || text.length() > CHARACTERS_MAX);
    }
}
