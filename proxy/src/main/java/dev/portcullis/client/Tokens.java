package dev.portcullis.client;

import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenErrorResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import dev.portcullis.config.Secret;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an issuer's token endpoint says (RFC 6749 §5). */
sealed interface Tokens {
    /** The one refusal that is about the person's sign-in and nothing else (§5.2). */
    String GRANT_IS_OVER = "invalid_grant";

    /** What waiting does not mend: the client is unknown there, or may not do this. */
    Set<String> CLIENT_IS_WRONG =
            Set.of("invalid_client", "unauthorized_client", "unsupported_grant_type");

    /**
     * Here they are.
     *
     * @param lifetime of the access token; five minutes where the issuer does not say
     * @param refresh null if none came
     */
    record Granted(Secret access, Duration lifetime, @Nullable Secret refresh) implements Tokens {}

    /** No, with the code of the error. */
    record Refused(String code) implements Tokens {}

    /** No answer that says either: try again later. */
    record Trouble(String why) implements Tokens {}

    /** Asks. */
    static Tokens ask(WebCalls web, URI endpoint, ClientID client, AuthorizationGrant grant) {
        return ask(web, new TokenRequest.Builder(endpoint, client, grant).build());
    }

    /** Asks, with all that the request says. */
    static Tokens ask(WebCalls web, TokenRequest request) {
        var endpoint = request.getEndpointURI();
        try {
            var answer = web.send(request.toHTTPRequest());
            if (answer.getStatusCode() >= 500 || answer.getStatusCode() == 429) {
                return new Trouble(endpoint + ": status " + answer.getStatusCode());
            }
            return of(TokenResponse.parse(answer));
        } catch (IOException | ParseException failure) {
            return new Trouble(endpoint + ": " + failure.getMessage());
        }
    }

    private static Tokens of(TokenResponse response) {
        if (response instanceof TokenErrorResponse error) {
            return new Refused(code(error.getErrorObject()));
        }
        var tokens = response.toSuccessResponse().getTokens();
        var access = tokens.getAccessToken();
        if (!AccessTokenType.BEARER.equals(access.getType())) {
            return new Refused("not_a_bearer_token");
        }
        var seconds = access.getLifetime();
        var refresh = tokens.getRefreshToken();
        return new Granted(
                new Secret(access.getValue()),
                seconds > 0 ? Duration.ofSeconds(seconds) : Duration.ofMinutes(5),
                refresh == null ? null : new Secret(refresh.getValue()));
    }

    /** As RFC 6749 §5.2 spells them, and nothing else of what arrived. */
    private static String code(@Nullable ErrorObject error) {
        var code = error == null ? null : error.getCode();
        return code != null && code.matches("[a-z_]{1,64}") ? code : "unknown_error";
    }
}
