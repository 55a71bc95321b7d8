package dev.portcullis.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How people sign in (OpenID Connect Core 1.0, authorization code with PKCE).
 *
 * @param issuer exactly as the provider spells it; https, or http on a loopback literal with {@code
 *     insecure-http-issuer: true}
 * @param clientId our name there
 * @param credential how we prove there that we are that client
 * @param userClaim the claim that holds the user's name
 * @param groupsClaim the claim that holds the groups, or null for none
 * @param scopes of the authorization request; {@code openid} is always among them
 * @param parameters extra ones for the authorization request, never the protocol's own
 * @param requiredClaims claims that must equal these values, such as {@code hd}
 * @param ca PEM of the authority behind a private issuer certificate, or null for the usual ones
 * @param idle how long a session lives unused
 * @param absolute how long a session lives at most
 * @param insecureUnverifiedEmail whether {@code email_verified} false or absent is let in
 */
public record SignInConfig(
        URI issuer,
        String clientId,
        ClientCredential credential,
        String userClaim,
        @Nullable String groupsClaim,
        List<String> scopes,
        Map<String, String> parameters,
        Map<String, String> requiredClaims,
        @Nullable Path ca,
        Duration idle,
        Duration absolute,
        boolean insecureUnverifiedEmail) {

    public SignInConfig {
        scopes = List.copyOf(scopes);
        parameters = Map.copyOf(parameters);
        requiredClaims = Map.copyOf(requiredClaims);
    }

    private static final URI STAND_IN = URI.create("https://invalid");
    private static final Syntax<String> SCOPE =
            Syntax.text("a scope", Pattern.compile("[!#-\\[\\]-~]{1,128}")); // RFC 6749 §3.3

    /** What the authorization request carries already; nobody else may set it. */
    private static final Set<String> PROTOCOL_PARAMETERS =
            Set.of(
                    "client_assertion",
                    "client_assertion_type",
                    "client_id",
                    "client_secret",
                    "code_challenge",
                    "code_challenge_method",
                    "dpop_jkt",
                    "id_token_hint",
                    "nonce",
                    "redirect_uri",
                    "registration",
                    "request",
                    "request_uri",
                    "response_mode",
                    "response_type",
                    "scope",
                    "state");

    static SignInConfig parse(ConfigNode node) {
        boolean plain = node.insecure("insecure-http-issuer");
        var issuer = node.required("issuer", Origins.issuer(plain), STAND_IN);
        var clientId = node.required("client-id", Syntax.line("a client id", 256), "");
        var credential = ClientCredential.parse(node);
        var userClaim = node.value("user-claim", Claims.name(), "email");
        var groupsClaim = node.valueIfPresent("groups-claim", Claims.name());
        var scopes = parseScopes(node, userClaim);
        var parameters = node.texts("parameters", parameter(), Syntax.line("a value", 1024));
        var claims = node.texts("required-claims", Claims.name(), Syntax.line("a value", 1024));
        var ca = Claims.authority(node);
        var absolute = node.value("absolute", Syntax.duration("1s", "90d"), "12h");
        var idle = parseIdle(node, absolute);
        boolean unverified = node.insecure("insecure-unverified-email");
        return new SignInConfig(
                issuer,
                clientId,
                credential,
                userClaim,
                groupsClaim,
                scopes,
                parameters,
                claims,
                ca,
                idle,
                absolute,
                unverified);
    }

    private static List<String> parseScopes(ConfigNode node, String userClaim) {
        var scopes = node.values("scopes", SCOPE, "openid", "email", "profile");
        if (!scopes.contains("openid")) {
            node.problem("scopes", "a list without openid", "openid among the scopes");
        }
        if (userClaim.equals("email") && !scopes.contains("email")) {
            node.warn("scopes", "without email, though user-claim is email");
        }
        return scopes;
    }

    private static Syntax<String> parameter() {
        return Syntax.text(
                "a parameter that the sign-in does not set itself",
                name ->
                        name.matches("[A-Za-z0-9_.-]{1,64}")
                                && !PROTOCOL_PARAMETERS.contains(name));
    }

    /** Never longer than {@code absolute}; where only that is given, the shorter of both. */
    private static Duration parseIdle(ConfigNode node, Duration absolute) {
        var idle = node.value("idle", Syntax.duration("1s", "30d"), "30m");
        if (idle.compareTo(absolute) <= 0) {
            return idle;
        }
        if (node.has("idle")) {
            node.problem("idle", "longer than absolute", "at most what absolute says");
        }
        return absolute;
    }
}
