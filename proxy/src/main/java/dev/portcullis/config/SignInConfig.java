package dev.portcullis.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How people sign in (OpenID Connect Core 1.0, authorization code with PKCE).
 *
 * @param issuer exactly as the provider spells it; https, or http on a loopback literal with {@code
 *     insecure-http-issuer: true}
 * @param clientId our name there
 * @param clientSecret our secret there; null for a public client, which PKCE alone protects
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
        @Nullable Secret clientSecret,
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
}
