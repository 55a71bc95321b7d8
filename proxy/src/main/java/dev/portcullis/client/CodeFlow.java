package dev.portcullis.client;

import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.AuthorizationResponse;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/**
 * Signs in through a browser on this machine: authorization code with PKCE (RFC 7636), back to a
 * loopback address (RFC 8252 §7.3).
 */
final class CodeFlow {
    private final Duration patience;

    /**
     * @param patience how long the person may take
     */
    CodeFlow(Duration patience) {
        this.patience = patience;
    }

    /**
     * The whole of it, until the browser has come back.
     *
     * @throws IOException says why it came to nothing
     */
    Tokens.Granted run(SignIn signIn, Screen screen) throws IOException, InterruptedException {
        var state = new State();
        var verifier = new CodeVerifier();
        try (var way = LoopbackWay.open(state.getValue())) {
            screen.open(request(signIn, way.redirect(), state, verifier));
            var code = judge(signIn, way.await(patience), state);
            var grant =
                    new AuthorizationCodeGrant(
                            code.toSuccessResponse().getAuthorizationCode(),
                            way.redirect(),
                            verifier);
            var token = signIn.issuer().token();
            return switch (Tokens.ask(signIn.web(), token, signIn.clientId(), grant)) {
                case Tokens.Granted granted -> granted;
                case Tokens.Refused(var why) ->
                        throw new IOException("the sign-in came to nothing: " + why);
                case Tokens.Trouble(var why) -> throw new IOException(why);
            };
        }
    }

    private static URI request(SignIn signIn, URI redirect, State state, CodeVerifier verifier)
            throws IOException {
        var endpoint = signIn.issuer().authorization();
        if (endpoint == null) {
            throw new IOException(
                    signIn.issuer().name() + ": has no page to sign in (expected: one)");
        }
        return new AuthorizationRequest.Builder(ResponseType.CODE, signIn.clientId())
                .endpointURI(endpoint)
                .redirectionURI(redirect)
                .scope(signIn.scope())
                .state(state)
                .codeChallenge(verifier, CodeChallengeMethod.S256)
                .build()
                .toURI();
    }

    /** The state is right already, or nobody would have let it come this far. */
    private static AuthorizationResponse judge(SignIn signIn, URI came, State state)
            throws IOException {
        try {
            var response = AuthorizationResponse.parse(came);
            var issuer = response.getIssuer();
            boolean issuerWrong =
                    issuer == null
                            ? signIn.issuer().namesItself()
                            : !issuer.getValue().equals(signIn.issuer().name());
            if (issuerWrong || !state.equals(response.getState())) {
                throw new IOException("the browser came back from another issuer (RFC 9207)");
            }
            if (!response.indicatesSuccess()) {
                var code = response.toErrorResponse().getErrorObject().getCode();
                var shown = code != null && code.matches("[a-z_]{1,64}") ? code : "unknown_error";
                throw new IOException("the sign-in came to nothing: " + shown);
            }
            return response;
        } catch (ParseException malformed) {
            throw new IOException("the browser came back with something else", malformed);
        }
    }
}
