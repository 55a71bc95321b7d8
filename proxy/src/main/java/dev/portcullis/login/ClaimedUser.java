package dev.portcullis.login;

import dev.portcullis.access.UserName;
import dev.portcullis.config.SignInConfig;
import dev.portcullis.identity.JsonObject;
import dev.portcullis.identity.JsonValue;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who a verified ID token speaks of, in our terms.
 *
 * @param user canonical
 * @param subject the provider's own id of the user
 * @param groups as the provider spells them
 */
record ClaimedUser(UserName user, String subject, Set<String> groups) {
    ClaimedUser {
        groups = Set.copyOf(groups);
    }

    /** What the claims amount to. */
    sealed interface Result {
        /** A user. */
        record Known(ClaimedUser claimed) implements Result {}

        /**
         * Nobody who may have a session.
         *
         * @param found the raw name if that is what is wrong, for the audit; or null
         * @param why for the log
         */
        record Refused(SignInFailure failure, @Nullable String found, String why)
                implements Result {}
    }

    /** Reads verified claims as the configuration says. */
    static Result of(JsonObject claims, SignInConfig config) {
        for (var required : config.requiredClaims().entrySet()) {
            if (!required.getValue().equals(spelled(claims.get(required.getKey())))) {
                return refused("required claim " + required.getKey() + " is missing or different");
            }
        }
        var name = claims.text(config.userClaim());
        var subject = claims.text("sub");
        if (name == null || subject == null) {
            return refused("claim " + config.userClaim() + " is missing or no string");
        }
        boolean verified = new JsonValue.Bool(true).equals(claims.get("email_verified"));
        if (config.userClaim().equals("email") && !verified && !config.insecureUnverifiedEmail()) {
            return refused("email_verified is not true");
        }
        var user = UserName.canonical(name);
        if (user.isEmpty()) {
            return new Result.Refused(
                    SignInFailure.NAME_UNUSABLE, name, "the user name has no canonical form");
        }
        var groups = groups(claims, config.groupsClaim());
        return groups == null
                ? refused("the groups claim is neither a string nor a list of strings")
                : new Result.Known(new ClaimedUser(user.get(), subject, groups));
    }

    private static Result refused(String why) {
        return new Result.Refused(SignInFailure.CLAIM_MISSING, null, why);
    }

    private static @Nullable Set<String> groups(JsonObject claims, @Nullable String name) {
        if (name == null || !claims.has(name) || claims.get(name) instanceof JsonValue.Null) {
            return Set.of();
        }
        var found = claims.texts(name);
        return found == null ? null : Set.copyOf(new HashSet<>(found));
    }

    /** A claim as the configuration file would spell it; null for what it cannot spell. */
    private static @Nullable String spelled(@Nullable JsonValue claim) {
        return switch (claim) {
            case JsonValue.Text(var text) -> text;
            case JsonValue.Bool(var value) -> Boolean.toString(value);
            case JsonValue.Numeric(var value) when value == Math.rint(value) ->
                    Long.toString((long) value);
            case null, default -> null;
        };
    }
}
