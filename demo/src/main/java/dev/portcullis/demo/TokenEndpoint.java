package dev.portcullis.demo;

import static com.nimbusds.oauth2.sdk.OAuth2Error.INVALID_CLIENT;
import static com.nimbusds.oauth2.sdk.OAuth2Error.INVALID_GRANT;
import static com.nimbusds.oauth2.sdk.OAuth2Error.INVALID_REQUEST;
import static com.nimbusds.oauth2.sdk.OAuth2Error.UNSUPPORTED_GRANT_TYPE;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.PlainClientSecret;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.claims.AccessTokenHash;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import dev.portcullis.demo.ProviderState.Code;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Exchanges a code, once, for an ID token and an access token (OpenID Connect Core 1.0 §3.1.3). */
final class TokenEndpoint {
    private static final Duration CODE_LIFETIME = Duration.ofMinutes(1);
    private static final Duration TOKEN_LIFETIME = Duration.ofMinutes(5);

    private final Issuer issuer;
    private final Function<String, Optional<DevelopmentClient>> clients;
    private final ProviderState state;
    private final SigningKeys keys;
    private final Supplier<Behaviour> behaviour;
    private final Clock clock;

    TokenEndpoint(
            Issuer issuer,
            Function<String, Optional<DevelopmentClient>> clients,
            ProviderState state,
            SigningKeys keys,
            Supplier<Behaviour> behaviour,
            Clock clock) {
        this.issuer = issuer;
        this.clients = clients;
        this.state = state;
        this.keys = keys;
        this.behaviour = behaviour;
        this.clock = clock;
    }

    Answer exchange(HTTPRequest http) {
        try {
            var request = TokenRequest.parse(http);
            var client = authenticated(request);
            if (client.isEmpty()) {
                return Answer.error(INVALID_CLIENT);
            }
            return request.getAuthorizationGrant() instanceof AuthorizationCodeGrant grant
                    ? exchange(client.get(), grant)
                    : Answer.error(UNSUPPORTED_GRANT_TYPE);
        } catch (ParseException e) {
            return Answer.error(
                    e.getErrorObject() == null
                            ? INVALID_REQUEST.setDescription(e.getMessage())
                            : e.getErrorObject());
        }
    }

    private Answer exchange(DevelopmentClient client, AuthorizationCodeGrant grant) {
        // Taken before it is judged: a wrong verifier spends the code.
        return state.takeCode(grant.getAuthorizationCode().getValue())
                .filter(code -> fits(code, client, grant))
                .map(code -> tokens(client, code))
                .orElseGet(() -> Answer.error(INVALID_GRANT));
    }

    private boolean fits(Code code, DevelopmentClient client, AuthorizationCodeGrant grant) {
        var request = code.request();
        return request.getClientID().getValue().equals(client.id())
                && request.getRedirectionURI().equals(grant.getRedirectionURI())
                && !code.issued().plus(CODE_LIFETIME).isBefore(clock.instant())
                && grant.getCodeVerifier() != null
                && CodeChallenge.compute(request.getCodeChallengeMethod(), grant.getCodeVerifier())
                        .equals(request.getCodeChallenge());
    }

    private Answer tokens(DevelopmentClient client, Code code) {
        var access =
                new BearerAccessToken(
                        state.issueAccessToken(code.session().user()),
                        TOKEN_LIFETIME.toSeconds(),
                        code.request().getScope());
        var idToken = keys.sign(claims(client, code, access), behaviour.get());
        var tokens = new OIDCTokens(idToken, access, null);
        return Answer.json(200, new OIDCTokenResponse(tokens).toJSONObject().toJSONString());
    }

    private JWTClaimsSet claims(DevelopmentClient client, Code code, BearerAccessToken access) {
        var now = clock.instant();
        var session = code.session();
        var user = session.user();
        var claims =
                new JWTClaimsSet.Builder()
                        .issuer(issuer.getValue())
                        .subject(user.subject())
                        .audience(client.id())
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plus(TOKEN_LIFETIME)))
                        .claim("auth_time", session.since().getEpochSecond())
                        .claim("sid", session.sid())
                        .claim(
                                "at_hash",
                                AccessTokenHash.compute(access, keys.algorithm(), null).getValue())
                        .claim("email", user.email())
                        .claim("email_verified", user.emailVerified())
                        .claim("name", user.name())
                        .claim("groups", user.groups());
        if (code.request().getNonce() != null) {
            claims.claim("nonce", code.request().getNonce().getValue());
        }
        return claims.build();
    }

    /** Basic, post, or for a public client its name alone (RFC 6749 §2.3, §3.2.1). */
    private Optional<DevelopmentClient> authenticated(TokenRequest request) {
        if (request.getClientAuthentication() instanceof PlainClientSecret proof) {
            return clients.apply(proof.getClientID().getValue())
                    .filter(client -> client.secret() != null)
                    .filter(client -> new Secret(client.secret()).equals(proof.getClientSecret()));
        }
        return Optional.ofNullable(request.getClientID())
                .flatMap(id -> clients.apply(id.getValue()))
                .filter(client -> client.secret() == null);
    }
}
