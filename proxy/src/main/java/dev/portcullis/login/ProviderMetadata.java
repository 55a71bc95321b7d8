package dev.portcullis.login;

import dev.portcullis.identity.JsonObject;
import dev.portcullis.identity.JsonValue;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the provider says of itself, as far as we use it, checked (OpenID Connect Discovery 1.0 §3).
 * That the document is of the configured issuer was found out when it was fetched.
 *
 * @param authorizationEndpoint where browsers are sent
 * @param tokenEndpoint where codes are exchanged
 * @param endSessionEndpoint where browsers sign out, or null
 * @param issuerInResponse whether every authorization response names its issuer (RFC 9207 §3)
 * @param algorithms with which it says it signs ID tokens
 * @param secretInBody whether the client secret travels in the form body, because basic
 *     authentication is not offered
 */
record ProviderMetadata(
        URI authorizationEndpoint,
        URI tokenEndpoint,
        @Nullable URI endSessionEndpoint,
        boolean issuerInResponse,
        Set<String> algorithms,
        boolean secretInBody) {

    /** Asymmetric signatures only: never {@code none}, never a shared secret (RFC 8725 §3.1). */
    static final Set<String> ALGORITHMS =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    ProviderMetadata {
        algorithms = Set.copyOf(algorithms);
    }

    /** What reading a document comes to. */
    sealed interface Reading {
        /** Something usable. */
        record Usable(ProviderMetadata metadata) implements Reading {}

        /** Nothing usable; what was found, then what was expected. */
        record Unusable(String why) implements Reading {}
    }

    /** Reads a discovery document of that issuer. */
    static Reading read(JsonObject document, URI issuer) {
        var names = List.of("authorization_endpoint", "token_endpoint", "end_session_endpoint");
        for (var name : names) {
            boolean optional = name.equals("end_session_endpoint") && !document.has(name);
            if (!optional && endpoint(document, name, issuer) == null) {
                return new Reading.Unusable(
                        name + ": " + document.text(name) + " (expected: a plain https URL)");
            }
        }
        var authorization = endpoint(document, "authorization_endpoint", issuer);
        var token = endpoint(document, "token_endpoint", issuer);
        var offered = document.texts("id_token_signing_alg_values_supported");
        if (authorization == null
                || token == null
                || offered == null
                || offered.stream().noneMatch(ALGORITHMS::contains)) {
            return new Reading.Unusable(
                    "id_token_signing_alg_values_supported: "
                            + offered
                            + " (expected: one of RS256, PS256, ES256 or stronger)");
        }
        return new Reading.Usable(
                new ProviderMetadata(
                        authorization,
                        token,
                        endpoint(document, "end_session_endpoint", issuer),
                        new JsonValue.Bool(true)
                                .equals(
                                        document.get(
                                                "authorization_response_iss_parameter_supported")),
                        Set.copyOf(offered),
                        secretInBody(document)));
    }

    private static @Nullable URI endpoint(JsonObject document, String name, URI issuer) {
        var text = document.text(name);
        if (text == null) {
            return null;
        }
        try {
            var found = new URI(text);
            boolean plain =
                    found.getHost() != null
                            && found.getRawUserInfo() == null
                            && found.getRawFragment() == null;
            return plain && isSecure(found, issuer) ? found : null;
        } catch (java.net.URISyntaxException notAUrl) {
            return null;
        }
    }

    // An http issuer is a loopback literal that the configuration let in by name.
    private static boolean isSecure(URI found, URI issuer) {
        return "https".equals(found.getScheme())
                || ("http".equals(found.getScheme())
                        && "http".equals(issuer.getScheme())
                        && found.getHost().equals(issuer.getHost()));
    }

    private static boolean secretInBody(JsonObject document) {
        // Basic is the default where nothing is said (RFC 8414 §2).
        var offered = document.texts("token_endpoint_auth_methods_supported");
        return offered != null
                && !offered.contains("client_secret_basic")
                && offered.contains("client_secret_post");
    }
}
