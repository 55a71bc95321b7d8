package dev.portcullis.login;

import dev.portcullis.identity.JsonObject;
import dev.portcullis.identity.JsonValue;
import dev.portcullis.identity.VerifiedJwt;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether an ID token says what it must for this one sign-in (OpenID Connect Core 1.0 §3.1.3.7).
 * Pure. The order of the checks is the order of these lines.
 *
 * @param issuer must equal {@code iss}
 * @param clientId must be among {@code aud}
 * @param algorithms with which the provider says it signs
 */
record IdTokenCheck(String issuer, String clientId, Set<String> algorithms) {
    /** How far the provider's clock may be from ours. */
    static final Duration LEEWAY = Duration.ofSeconds(60);

    private static final int SUBJECT_CHARACTERS_MAX = 255;
    private static final double SECONDS_MAX = 253_402_300_799d; // The end of the year 9999.

    IdTokenCheck {
        algorithms = Set.copyOf(algorithms);
    }

    /**
     * What is wrong with a token.
     *
     * @param nonce sent with this sign-in
     * @param accessToken received beside it, for {@code at_hash}
     * @return for the log; null if all of it is right
     */
    @Nullable String flawIn(VerifiedJwt token, String nonce, String accessToken, Instant now) {
        if (!algorithms.contains(token.algorithm())) {
            return "alg is not one that the provider says it uses";
        }
        var claims = token.claims();
        var flaw = identityFlaw(token.header(), claims);
        flaw = flaw == null ? audienceFlaw(claims) : flaw;
        flaw = flaw == null ? timeFlaw(claims, now) : flaw;
        flaw = flaw == null ? nonceFlaw(claims, nonce) : flaw;
        return flaw == null ? accessTokenFlaw(token, accessToken) : flaw;
    }

    /**
     * What is wrong with a token that came with a refresh (§12.2).
     *
     * @param subject of the sign-in: must stay who it was
     * @param nonce of the sign-in, or null if it is not known any more
     * @param accessToken received beside it, for {@code at_hash}
     */
    @Nullable String flawInRefreshed(
            VerifiedJwt token,
            String subject,
            @Nullable String nonce,
            String accessToken,
            Instant now) {
        if (!algorithms.contains(token.algorithm())) {
            return "alg is not one that the provider says it uses";
        }
        var claims = token.claims();
        var flaw = identityFlaw(token.header(), claims);
        if (flaw == null && !subject.equals(claims.text("sub"))) {
            flaw = "sub is another than that of the sign-in";
        }
        flaw = flaw == null ? audienceFlaw(claims) : flaw;
        flaw = flaw == null ? timeFlaw(claims, now) : flaw;
        if (flaw == null && claims.has("nonce") && nonce != null) {
            flaw = nonceFlaw(claims, nonce);
        }
        return flaw == null ? accessTokenFlaw(token, accessToken) : flaw;
    }

    private @Nullable String identityFlaw(JsonObject header, JsonObject claims) {
        var type = header.text("typ");
        if (header.has("typ") && (type == null || !type.equalsIgnoreCase("JWT"))) {
            return "typ is that of another kind of token";
        }
        if (!issuer.equals(claims.text("iss"))) {
            return "iss is not the configured issuer";
        }
        var subject = claims.text("sub");
        return subject == null || subject.isEmpty() || subject.length() > SUBJECT_CHARACTERS_MAX
                ? "sub is missing or malformed"
                : null;
    }

    private @Nullable String audienceFlaw(JsonObject claims) {
        var audiences = claims.texts("aud");
        if (audiences == null || !audiences.contains(clientId)) {
            return "aud does not name this client";
        }
        boolean named = clientId.equals(claims.text("azp"));
        if (claims.has("azp") && !named) {
            return "azp is another client";
        }
        return audiences.size() > 1 && !named ? "aud names others too, and azp is missing" : null;
    }

    static @Nullable String timeFlaw(JsonObject claims, Instant now) {
        var expires = time(claims, "exp");
        if (expires == null || !now.isBefore(expires.plus(LEEWAY))) {
            return "exp is missing or past";
        }
        var issued = time(claims, "iat");
        if (issued == null || issued.isAfter(now.plus(LEEWAY))) {
            return "iat is missing or in the future";
        }
        var notBefore = time(claims, "nbf");
        return claims.has("nbf") && (notBefore == null || notBefore.isAfter(now.plus(LEEWAY)))
                ? "nbf is malformed or in the future"
                : null;
    }

    private static @Nullable String nonceFlaw(JsonObject claims, String nonce) {
        var found = claims.text("nonce");
        return found == null || !equal(found, nonce) ? "nonce is not that of this sign-in" : null;
    }

    private static @Nullable String accessTokenFlaw(VerifiedJwt token, String accessToken) {
        if (!token.claims().has("at_hash")) {
            return null; // Optional in the code flow, §3.1.3.6.
        }
        var found = token.claims().text("at_hash");
        return found != null && equal(found, leftHalfHash(accessToken, token.algorithm()))
                ? null
                : "at_hash is not that of the access token";
    }

    /** The left half of the hash that the signature algorithm uses, in base64url. */
    private static String leftHalfHash(String text, String algorithm) {
        try {
            var digest = MessageDigest.getInstance("SHA-" + algorithm.substring(2));
            var hash = digest.digest(text.getBytes(StandardCharsets.US_ASCII));
            var half = Arrays.copyOf(hash, hash.length / 2);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(half);
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }

    /** A time claim, in seconds since 1970; null if missing, no number or out of any calendar. */
    static @Nullable Instant time(JsonObject claims, String name) {
        return claims.get(name) instanceof JsonValue.Numeric(double seconds)
                        && seconds >= 0
                        && seconds <= SECONDS_MAX
                ? Instant.ofEpochSecond((long) seconds)
                : null;
    }

    private static boolean equal(String a, String b) {
        return MessageDigest.isEqual(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
}
