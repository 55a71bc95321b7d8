package dev.portcullis.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
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

    private static final URI STAND_IN = URI.create("https://invalid");
    private static final Syntax<String> ALGORITHM =
            Syntax.word(
                    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
                    "EdDSA", "Ed25519");

    /**
     * The whole list; the same tokens are not described twice.
     *
     * @param signIn whose client id must not be an audience: ID tokens carry it
     */
    static List<TokenIssuerConfig> parseAll(ConfigNode node, @Nullable SignInConfig signIn) {
        var seen = new HashSet<String>();
        var clientId = signIn == null ? "" : signIn.clientId();
        return node.blocks("tokens", null, issuer -> parse(issuer, clientId, seen));
    }

    private static TokenIssuerConfig parse(ConfigNode node, String clientId, HashSet<String> seen) {
        boolean plain = node.insecure("insecure-http-issuer");
        var issuer = node.required("issuer", Origins.issuer(plain), STAND_IN);
        var audience = node.required("audience", Syntax.line("an audience", 512), "");
        var type = node.value("type", Syntax.choice(Type.values(), Type::configName), "at+jwt");
        var userClaim = node.value("user-claim", Claims.name(), "email");
        var groupsClaim = node.valueIfPresent("groups-claim", Claims.name());
        var algorithms =
                node.values("algorithms", ALGORITHM, "RS256", "PS256", "ES256", "ES384", "EdDSA");
        if (node.isEmptyList("algorithms")) {
            node.problem("algorithms", "an empty list", "at least one algorithm");
        }
        if (!audience.isEmpty() && audience.equals(clientId)) {
            node.problem(
                    "audience",
                    "the client-id of sign-in",
                    "an audience of its own; else an ID token would pass for an access token");
        }
        if (!seen.add(issuer + " " + audience)) {
            node.problem("audience", "an issuer and audience listed before", "each pair once");
        }
        var ca = Claims.authority(node);
        return new TokenIssuerConfig(
                issuer, audience, type, userClaim, groupsClaim, algorithms, ca);
    }

    /** How an access token is told from other tokens. */
    public enum Type {
        /** {@code at+jwt}, RFC 9068 §2.1. */
        AT_JWT("at+jwt"),
        /** {@code JWT} or none, for issuers that do not follow RFC 9068. */
        JWT("jwt");

        private final String configName;

        Type(String configName) {
            this.configName = configName;
        }

        /** The name in the configuration file. */
        public String configName() {
            return configName;
        }
    }
}
