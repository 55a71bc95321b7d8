package dev.portcullis.identity;

import dev.portcullis.identity.JsonValue.Numeric;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a token counts (RFC 7519 §4.1.4 to §4.1.6): {@code exp} is required, {@code nbf} and {@code
 * iat} are honoured where they are. All with a minute's leeway, for clocks that are not quite
 * right.
 *
 * @param expiry the first instant at which it is over, leeway apart
 * @param notBefore the first instant at which it counts, or null
 * @param issuedAt when it was made, or null
 */
record TokenTimes(Instant expiry, @Nullable Instant notBefore, @Nullable Instant issuedAt) {
    /** What clocks may differ. */
    static final Duration LEEWAY = Duration.ofSeconds(60);

    private static final double SECONDS_MAX = 253_402_300_799d; // The end of the year 9999.
    private static final double MILLIS_PER_SECOND = 1000;

    /** What the claims say, or what is wrong with them. */
    sealed interface Read {}

    /** They can be read. */
    record Found(TokenTimes times) implements Read {}

    /** They cannot. */
    record Unreadable(TokenFlaw flaw) implements Read {}

    static Read of(JsonObject claims) {
        if (!claims.has("exp")) {
            return new Unreadable(TokenFlaw.EXPIRY_MISSING);
        }
        var expiry = instant(claims, "exp");
        var notBefore = instant(claims, "nbf");
        var issuedAt = instant(claims, "iat");
        if (expiry == null
                || (claims.has("nbf") && notBefore == null)
                || (claims.has("iat") && issuedAt == null)) {
            return new Unreadable(TokenFlaw.TIME_MALFORMED);
        }
        return new Found(new TokenTimes(expiry, notBefore, issuedAt));
    }

    /** Why the token does not count now, or null if it does. */
    @Nullable TokenFlaw flawAt(Instant now) {
        if (!now.isBefore(expiry.plus(LEEWAY))) {
            return TokenFlaw.EXPIRED;
        }
        if (notBefore != null && now.isBefore(notBefore.minus(LEEWAY))) {
            return TokenFlaw.NOT_YET_VALID;
        }
        if (issuedAt != null && now.isBefore(issuedAt.minus(LEEWAY))) {
            return TokenFlaw.ISSUED_IN_FUTURE;
        }
        return null;
    }

    /** A NumericDate (RFC 7519 §2) of our era; null for anything else, such as {@code 1e300}. */
    static @Nullable Instant instant(JsonObject claims, String name) {
        if (!(claims.get(name) instanceof Numeric(double seconds))) {
            return null;
        }
        return seconds >= 0 && seconds <= SECONDS_MAX
                ? Instant.ofEpochMilli((long) (seconds * MILLIS_PER_SECOND))
                : null;
    }
}
