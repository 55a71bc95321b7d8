package dev.portcullis.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One issuer whose access tokens are accepted as {@code Authorization: Bearer}.
 *
 * @param issuer exactly as in the token's {@code iss}
 * @param audience must be among the token's {@code aud}; never a sign-in client id
 * @param type what the token's header must call itself
 * @param userClaim the claim that holds the user's name
 * @param groupsClaim the claim that holds the groups, or null for none
 * @param algorithms JOSE names of the signature algorithms accepted
 * @param ca PEM of the authority behind a private issuer certificate, or null for the usual ones
 */
public record TokenIssuerConfig(
        URI issuer,
        String audience,
        Type type,
        String userClaim,
        @Nullable String groupsClaim,
        List<String> algorithms,
        @Nullable Path ca) {

    public TokenIssuerConfig {
        algorithms = List.copyOf(algorithms);
    }

    /** How an access token is told from other tokens. */
    public enum Type {
        /** {@code at+jwt}, RFC 9068 §2.1. */
        AT_JWT,
        /** {@code JWT} or none, for issuers that do not follow RFC 9068. */
        JWT
    }
}
