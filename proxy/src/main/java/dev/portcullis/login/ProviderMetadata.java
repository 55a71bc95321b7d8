package dev.portcullis.login;

import dev.portcullis.identity.JsonObject;
import dev.portcullis.identity.JsonValue;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the provider says of itself, as far as we use it, checked (OpenID Connect Discovery 1.0 §3).
 * That the document is of the configured issuer was found out when it was fetched.
 *
 * @param authorizationEndpoint where browsers are sent
 * @param tokenEndpoint where codes are exchanged
 * @param endSessionEndpoint where browsers sign out, or null
 * @param pushedEndpoint where authorization requests are handed over first (RFC 9126 §5), or null
 * @param revocationEndpoint where tokens are given back (RFC 7009), or null
 * @param issuerInResponse whether every authorization response names its issuer (RFC 9207 §3)
 * @param algorithms with which it says it signs ID tokens
 * @param secretInBody whether the client secret travels in the form body, because basic
 *     authentication is not offered
 * @param assertionAlgorithms with which a client may sign; empty if it does not say
 */
record ProviderMetadata(
        URI authorizationEndpoint,
        URI tokenEndpoint,
        @Nullable URI endSessionEndpoint,
        @Nullable URI pushedEndpoint,
        @Nullable URI revocationEndpoint,
        boolean issuerInResponse,
        Set<String> algorithms,
        boolean secretInBody,
        Set<String> assertionAlgorithms) {

    /** Asymmetric signatures only: never {@code none}, never a shared secret (RFC 8725 §3.1). */
    static final Set<String> ALGORITHMS =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    ProviderMetadata {
        algorithms = Set.copyOf(algorithms);
        assertionAlgorithms = Set.copyOf(assertionAlgorithms);
    }

    /** What reading a document comes to. */
    sealed interface Reading {
        /** Something usable. */
        record Usable(ProviderMetadata metadata) implements Reading {}

        /** Nothing usable; what was found, then what was expected. */
        record Unusable(String why) implements Reading {}
    }

    private static final List<String> OPTIONAL =
            List.of(
                    "end_session_endpoint",
                    "pushed_authorization_request_endpoint",
                    "revocation_endpoint");
    private static final List<String> ENDPOINTS =
            Stream.concat(Stream.of("authorization_endpoint", "token_endpoint"), OPTIONAL.stream())
                    .toList();

    /**
     * Reads a discovery document of that issuer.
     *
     * @param byCertificate whether we prove ourselves by a TLS certificate, and so call the
     *     endpoints that are named for that
     */
    static Reading read(JsonObject document, URI issuer, boolean byCertificate) {
        var aliases =
                byCertificate && document.get("mtls_endpoint_aliases") instanceof JsonObject named
                        ? named
                        : null;
        for (var name : ENDPOINTS) {
            var holder = aliases != null && aliases.has(name) ? aliases : document;
            boolean left = OPTIONAL.contains(name) && !holder.has(name);
            if (!left && endpoint(holder, name, issuer) == null) {
                return new Reading.Unusable(
                        name + ": " + holder.text(name) + " (expected: a plain https URL)");
            }
        }
        return read(document, aliases, issuer);
    }

    private static Reading read(JsonObject document, @Nullable JsonObject aliases, URI issuer) {
        var authorization = endpoint(document, "authorization_endpoint", issuer);
        var token = called(document, aliases, "token_endpoint", issuer);
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
        var signing = document.texts("token_endpoint_auth_signing_alg_values_supported");
        return new Reading.Usable(
                new ProviderMetadata(
                        authorization,
                        token,
                        endpoint(document, "end_session_endpoint", issuer),
                        called(document, aliases, "pushed_authorization_request_endpoint", issuer),
                        called(document, aliases, "revocation_endpoint", issuer),
                        new JsonValue.Bool(true)
                                .equals(
                                        document.get(
                                                "authorization_response_iss_parameter_supported")),
                        new HashSet<>(offered),
                        secretInBody(document),
                        signing == null ? Set.of() : new HashSet<>(signing)));
    }

    private static @Nullable URI called(
            JsonObject document, @Nullable JsonObject aliases, String name, URI issuer) {
        return aliases != null && aliases.has(name)
                ? endpoint(aliases, name, issuer)
                : endpoint(document, name, issuer);
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
