package dev.portcullis.identity;

import dev.portcullis.access.UserName;
import dev.portcullis.identity.JsonValue.Bool;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whom a token names: the user in canonical form, and the groups as they are spelled. */
final class TokenUser {
    private static final int GROUPS_MAX = 1_000;

    /** What the claims name. */
    sealed interface Read {}

    /** Somebody. */
    record Named(UserName user, Set<String> groups) implements Read {}

    /** Nobody that could be in the allow-list. */
    record Unnamed(TokenFlaw flaw) implements Read {}

    private TokenUser() {}

    /**
     * @param userClaim the claim that holds the name
     * @param groupsClaim the claim that holds the groups, or null for none
     */
    static Read of(JsonObject claims, String userClaim, @Nullable String groupsClaim) {
        if (!claims.has(userClaim)) {
            return new Unnamed(TokenFlaw.USER_MISSING);
        }
        var found = claims.text(userClaim);
        var user = found == null ? null : UserName.canonical(found).orElse(null);
        if (user == null) {
            return new Unnamed(TokenFlaw.USER_NOT_CANONICAL);
        }
        if (userClaim.equals("email") && !isVerified(claims)) {
            return new Unnamed(TokenFlaw.EMAIL_NOT_VERIFIED);
        }
        var groups = groups(claims, groupsClaim);
        return groups == null ? new Unnamed(TokenFlaw.GROUPS_MALFORMED) : new Named(user, groups);
    }

    /** An address that its owner did not confirm may be anybody's (OpenID Connect Core §5.1). */
    private static boolean isVerified(JsonObject claims) {
        return claims.get("email_verified") instanceof Bool(boolean verified) && verified;
    }

    private static @Nullable Set<String> groups(JsonObject claims, @Nullable String groupsClaim) {
        if (groupsClaim == null || !claims.has(groupsClaim)) {
            return Set.of();
        }
        var groups = claims.texts(groupsClaim);
        return groups == null || groups.size() > GROUPS_MAX ? null : Set.copyOf(groups);
    }
}
