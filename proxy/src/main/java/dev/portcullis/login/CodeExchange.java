package dev.portcullis.login;

import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import dev.portcullis.identity.JsonObject;
import dev.portcullis.identity.UnverifiedJwt;
import dev.portcullis.identity.Verification;
import dev.portcullis.session.SignInState;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;

/**
 * From the provider's answer in the browser to verified claims: the answer is checked, the code
 * exchanged, the ID token judged. Blocks.
 *
 * @param callback the redirect URI the code was asked for with
 */
record CodeExchange(Provider provider, URI callback) {
    private static final Set<String> TROUBLE = Set.of("server_error", "temporarily_unavailable");
    private static final Set<String> DECLINED = Set.of("access_denied");
    private static final Set<String> NOT_SILENT =
            Set.of(
                    "login_required",
                    "interaction_required",
                    "consent_required",
                    "account_selection_required");

    /** What an answer amounts to. */
    sealed interface Outcome {
        /** Claims the provider vouches for. */
        record Verified(JsonObject claims, String idToken, GrantedTokens tokens)
                implements Outcome {
            /** Without the token. */
            @Override
            public String toString() {
                return "Verified[]";
            }
        }

        /** None. The reason is for the log, and quotes nothing that arrived. */
        record Failed(SignInFailure failure, String why) implements Outcome {}
    }

    /** Judges the provider's answer to that sign-in. */
    Outcome verify(Map<String, String> answer, SignInState signIn, InstantSource clock) {
        var metadata = provider.metadata();
        if (metadata == null) {
            return new Outcome.Failed(SignInFailure.PROVIDER_TROUBLE, provider.status().line());
        }
        var issuer = answer.get("iss");
        boolean issuerWrong =
                issuer == null
                        ? metadata.issuerInResponse()
                        : !issuer.equals(provider.config().issuer().toString());
        if (issuerWrong) {
            return invalid("iss of the response is missing or another (RFC 9207)");
        }
        var error = answer.get("error");
        var code = answer.get("code");
        if (error != null) {
            return code == null ? refused(error) : invalid("error and code at once");
        }
        if (code == null || code.isEmpty()) {
            return invalid("neither code nor error");
        }
        return exchange(metadata, code, signIn, clock);
    }

    private static Outcome refused(String error) {
        if (DECLINED.contains(error)) {
            return new Outcome.Failed(SignInFailure.DECLINED, error);
        }
        if (NOT_SILENT.contains(error)) {
            return new Outcome.Failed(SignInFailure.NOT_SILENT, error);
        }
        return TROUBLE.contains(error)
                ? new Outcome.Failed(SignInFailure.PROVIDER_TROUBLE, error)
                : new Outcome.Failed(SignInFailure.MISCONFIGURED, TokenAnswers.printable(error));
    }

    private Outcome exchange(
            ProviderMetadata metadata, String code, SignInState signIn, InstantSource clock) {
        HTTPResponse answer;
        try {
            answer =
                    provider.post(
                            metadata.tokenEndpoint(),
                            new AuthorizationCodeGrant(
                                            new AuthorizationCode(code),
                                            callback,
                                            new CodeVerifier(signIn.codeVerifier()))
                                    .toParameters(),
                            clock.instant());
        } catch (IOException failure) {
            return new Outcome.Failed(
                    SignInFailure.PROVIDER_TROUBLE, "token endpoint: " + failure.getMessage());
        }
        if (answer.getStatusCode() != HTTPResponse.SC_OK) {
            return tokenError(answer);
        }
        try {
            var tokens = GrantedTokens.of(answer);
            var idToken = tokens.idToken();
            return idToken == null
                    ? invalid("token endpoint: no id_token")
                    : judge(metadata, idToken, tokens, signIn, clock);
        } catch (ParseException malformed) {
            return new Outcome.Failed(
                    SignInFailure.ID_TOKEN_INVALID, "token endpoint: answer is malformed");
        }
    }

    private Outcome judge(
            ProviderMetadata metadata,
            String idToken,
            GrantedTokens tokens,
            SignInState signIn,
            InstantSource clock) {
        return switch (UnverifiedJwt.parse(idToken)) {
            case UnverifiedJwt.Malformed(var flaw) -> distrusted(flaw.code());
            case UnverifiedJwt.Wellformed(var token) ->
                    switch (provider.verify(token)) {
                        case Verification.Unavailable() ->
                                new Outcome.Failed(
                                        SignInFailure.PROVIDER_TROUBLE, provider.status().line());
                        case Verification.Refused(var flaw) -> distrusted(flaw.code());
                        case Verification.Verified(var verified) -> {
                            var flaw =
                                    check(metadata)
                                            .flawIn(
                                                    verified,
                                                    signIn.nonce(),
                                                    tokens.access().expose(),
                                                    clock.instant());
                            yield flaw == null
                                    ? new Outcome.Verified(verified.claims(), idToken, tokens)
                                    : distrusted(flaw);
                        }
                    };
        };
    }

    private static Outcome distrusted(String why) {
        return new Outcome.Failed(SignInFailure.ID_TOKEN_INVALID, "id_token: " + why);
    }

    private IdTokenCheck check(ProviderMetadata metadata) {
        var config = provider.config();
        return new IdTokenCheck(
                config.issuer().toString(), config.clientId(), metadata.algorithms());
    }

    private static Outcome tokenError(HTTPResponse answer) {
        if (answer.getStatusCode() >= 500 || answer.getStatusCode() == 429) {
            return new Outcome.Failed(
                    SignInFailure.PROVIDER_TROUBLE,
                    "token endpoint answered " + answer.getStatusCode());
        }
        return "invalid_grant".equals(TokenAnswers.errorCode(answer))
                ? invalid("token endpoint: invalid_grant")
                : new Outcome.Failed(
                        SignInFailure.MISCONFIGURED,
                        "token endpoint: " + TokenAnswers.refusal(answer));
    }

    private static Outcome invalid(String why) {
        return new Outcome.Failed(SignInFailure.RESPONSE_INVALID, why);
    }
}
