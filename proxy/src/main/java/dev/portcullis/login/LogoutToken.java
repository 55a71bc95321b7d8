package dev.portcullis.login;

import dev.portcullis.identity.JsonObject;
import dev.portcullis.identity.UnverifiedJwt;
import dev.portcullis.identity.Verification;
import dev.portcullis.identity.VerifiedJwt;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the provider vouches for when it says that somebody left.
 *
 * @param id used once ({@code jti})
 * @param subject the provider's id of the user, or null
 * @param session the provider's id of the session that ended, or null if all of them did
 * @param endsAt when it is refused anyway
 */
record LogoutToken(String id, @Nullable String subject, @Nullable String session, Instant endsAt) {

    /** What a text amounts to. */
    sealed interface Read {
        /** A logout token for us. */
        record Right(LogoutToken token) implements Read {}

        /** None; why, for the log. */
        record Wrong(String why) implements Read {}
    }

    /** Reads and judges what arrived. Blocks while newer keys may help. */
    static Read read(@Nullable String text, Provider provider, Instant now)
            throws InterruptedException {
        var metadata = provider.awaited();
        if (metadata == null) {
            return new Read.Wrong(provider.status().line());
        }
        if (text == null) {
            return new Read.Wrong("no logout_token");
        }
        var config = provider.config();
        var check =
                new LogoutTokenCheck(
                        config.issuer().toString(), config.clientId(), metadata.algorithms());
        return switch (UnverifiedJwt.parse(text)) {
            case UnverifiedJwt.Malformed(var flaw) -> new Read.Wrong(flaw.code());
            case UnverifiedJwt.Wellformed(var token) -> judged(token, check, provider, now);
        };
    }

    private static Read judged(
            UnverifiedJwt token, LogoutTokenCheck check, Provider provider, Instant now) {
        if (!check.issuer().equals(token.claims().text("iss"))) {
            return new Read.Wrong("iss is not the configured issuer"); // Not worth a key.
        }
        return switch (provider.verify(token)) {
            case Verification.Unavailable() -> new Read.Wrong(provider.status().line());
            case Verification.Refused(var flaw) -> new Read.Wrong(flaw.code());
            case Verification.Verified(var verified) -> {
                var flaw = check.flawIn(verified, now);
                yield flaw == null ? right(verified) : new Read.Wrong(flaw);
            }
        };
    }

    private static Read right(VerifiedJwt verified) {
        JsonObject claims = verified.claims();
        var id = claims.text("jti");
        var expires = IdTokenCheck.time(claims, "exp");
        return id == null || expires == null
                ? new Read.Wrong("jti or exp is missing")
                : new Read.Right(
                        new LogoutToken(
                                id,
                                claims.text("sub"),
                                claims.text("sid"),
                                expires.plus(IdTokenCheck.LEEWAY)));
    }
}
