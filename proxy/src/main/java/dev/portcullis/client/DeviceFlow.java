package dev.portcullis.client;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationRequest;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationResponse;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationSuccessResponse;
import com.nimbusds.oauth2.sdk.device.DeviceCodeGrant;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/** Signs in through a browser that is elsewhere (RFC 8628). */
final class DeviceFlow {
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Duration SLOWER = Duration.ofSeconds(5);
    private static final Duration INTERVAL_MAX = Duration.ofMinutes(1);

    private final Pause pause;

    /** How the time between two questions passes. */
    @FunctionalInterface
    interface Pause {
        void sleep(Duration time) throws InterruptedException;
    }

    DeviceFlow(Pause pause) {
        this.pause = pause;
    }

    /**
     * The whole of it, until the person has signed in.
     *
     * @throws IOException says why it came to nothing
     */
    Tokens.Granted run(SignIn signIn, Screen screen) throws IOException, InterruptedException {
        var endpoint = signIn.issuer().device();
        if (endpoint == null) {
            throw new IOException(
                    signIn.issuer().name() + ": has no device flow (expected: one, for --device)");
        }
        var verifier = new CodeVerifier();
        var begun = begin(signIn, endpoint, verifier);
        screen.enter(
                begun.getVerificationURI(),
                begun.getUserCode().getValue(),
                begun.getVerificationURIComplete());
        return poll(signIn, begun, request(signIn, begun, verifier));
    }

    /** With PKCE, which RFC 8628 does not ask for, and Keycloak does if the client must use it. */
    private static DeviceAuthorizationSuccessResponse begin(
            SignIn signIn, URI endpoint, CodeVerifier verifier) throws IOException {
        var challenge = CodeChallenge.compute(CodeChallengeMethod.S256, verifier);
        var request =
                new DeviceAuthorizationRequest.Builder(signIn.clientId())
                        .endpointURI(endpoint)
                        .scope(signIn.scope())
                        .customParameter("code_challenge", challenge.getValue())
                        .customParameter(
                                "code_challenge_method", CodeChallengeMethod.S256.getValue())
                        .build();
        try {
            var answer =
                    DeviceAuthorizationResponse.parse(signIn.web().send(request.toHTTPRequest()));
            if (answer.indicatesSuccess()) {
                return answer.toSuccessResponse();
            }
            var code = answer.toErrorResponse().getErrorObject().getCode();
            throw new IOException(endpoint + ": refused the client: " + code);
        } catch (ParseException malformed) {
            throw new IOException(endpoint + ": " + malformed.getMessage(), malformed);
        }
    }

    private static TokenRequest request(
            SignIn signIn, DeviceAuthorizationSuccessResponse begun, CodeVerifier verifier) {
        var grant = new DeviceCodeGrant(begun.getDeviceCode());
        return new TokenRequest.Builder(signIn.issuer().token(), signIn.clientId(), grant)
                .customParameter("code_verifier", verifier.getValue())
                .build();
    }

    /** RFC 8628 §3.4 and §3.5: asks no faster than it may, and slower when told or unanswered. */
    private Tokens.Granted poll(
            SignIn signIn, DeviceAuthorizationSuccessResponse begun, TokenRequest request)
            throws IOException, InterruptedException {
        var interval = interval(begun.getInterval());
        var left = Duration.ofSeconds(begun.getLifetime());
        while (left.compareTo(interval) >= 0) {
            pause.sleep(interval);
            left = left.minus(interval);
            switch (Tokens.ask(signIn.web(), request)) {
                case Tokens.Granted granted -> {
                    return granted;
                }
                case Tokens.Trouble _ -> interval = interval(interval.toSeconds() * 2);
                case Tokens.Refused(var code) when code.equals("slow_down") ->
                        interval = interval.plus(SLOWER);
                case Tokens.Refused(var code) when code.equals("authorization_pending") -> {}
                case Tokens.Refused(var code) ->
                        throw new IOException("the sign-in came to nothing: " + code);
            }
        }
        throw new IOException("the sign-in came to nothing: nobody entered the code in time");
    }

    private static Duration interval(long seconds) {
        var asked = seconds > 0 ? Duration.ofSeconds(seconds) : INTERVAL;
        return asked.compareTo(INTERVAL_MAX) > 0 ? INTERVAL_MAX : asked;
    }
}
