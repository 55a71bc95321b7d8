package dev.portcullis.login;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.PushedAuthorizationSuccessResponse;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Hands an authorization request to the provider directly, so that the browser carries a reference
 * to it and can neither read nor change it (RFC 9126). Blocks.
 */
record PushedRequest(Provider provider, URI endpoint) {
    /** What became of it. */
    sealed interface Outcome {
        /** The provider has it, and knows it by that name. */
        record Taken(String requestUri) implements Outcome {}

        /** It has not. */
        record Refused(SignInFailure failure, String why) implements Outcome {}
    }

    /** Hands over what the browser would have carried. */
    Outcome push(Map<String, List<String>> parameters, Instant now) {
        HTTPResponse answer;
        try {
            answer = provider.post(endpoint, parameters, now);
        } catch (IOException failure) {
            return trouble(String.valueOf(failure.getMessage()));
        }
        int status = answer.getStatusCode();
        if (status >= 500 || status == 429) {
            return trouble("answered " + status);
        }
        if (status >= 400) {
            return new Outcome.Refused(
                    SignInFailure.MISCONFIGURED, "pushed request: " + TokenAnswers.refusal(answer));
        }
        try {
            var uri = PushedAuthorizationSuccessResponse.parse(answer).getRequestURI();
            return new Outcome.Taken(uri.toString());
        } catch (ParseException malformed) {
            return trouble("answer is malformed");
        }
    }

    private static Outcome trouble(String why) {
        return new Outcome.Refused(SignInFailure.PROVIDER_TROUBLE, "pushed request: " + why);
    }
}
