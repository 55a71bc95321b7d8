package dev.portcullis.demo;

import static com.nimbusds.oauth2.sdk.OAuth2Error.INVALID_REQUEST;
import static com.nimbusds.oauth2.sdk.OAuth2Error.UNSUPPORTED_RESPONSE_TYPE;
import static com.nimbusds.openid.connect.sdk.OIDCError.LOGIN_REQUIRED;

import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseMode;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.openid.connect.sdk.AuthenticationErrorResponse;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationSuccessResponse;
import com.nimbusds.openid.connect.sdk.Prompt;
import dev.portcullis.demo.ProviderState.Code;
import dev.portcullis.demo.ProviderState.SignedIn;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Signs people in (OpenID Connect Core 1.0 §3.1.2): code flow only, PKCE with S256 always (RFC
 * 7636), {@code iss} in every answer (RFC 9207).
 */
final class AuthorizationEndpoint {
    private final Issuer issuer;
    private final List<DevelopmentUser> users;
    private final Function<String, Optional<DevelopmentClient>> clients;
    private final ProviderState state;
    private final Clock clock;

    AuthorizationEndpoint(
            Issuer issuer,
            List<DevelopmentUser> users,
            Function<String, Optional<DevelopmentClient>> clients,
            ProviderState state,
            Clock clock) {
        this.issuer = issuer;
        this.users = List.copyOf(users);
        this.clients = clients;
        this.state = state;
        this.clock = clock;
    }

    Answer authorize(Map<String, List<String>> parameters, Optional<SignedIn> session) {
        try {
            var request = AuthenticationRequest.parse(parameters);
            return redirectsTo(request) ? judge(request, session) : refuse("redirect_uri");
        } catch (ParseException e) {
            return refuse(String.valueOf(e.getMessage()));
        }
    }

    /** The pressed button of the sign-in page. The caller sets the session's cookie. */
    Optional<Pressed> pressed(String waiting, String subject) {
        var user = users.stream().filter(known -> known.subject().equals(subject)).findFirst();
        return user.flatMap(found ->
                state.takeWaiting(waiting)
                        .map(request ->
                                new Pressed(
                                        request,
                                        new SignedIn(found, state.newId(), clock.instant()))));
    }

    record Pressed(AuthenticationRequest request, SignedIn session) {}

    /** Sends the browser back with a code. */
    Answer succeed(AuthenticationRequest request, SignedIn session) {
        var code = state.keepCode(new Code(request, session, clock.instant()));
        return Answer.redirect(
                new AuthenticationSuccessResponse(
                                request.getRedirectionURI(),
                                new AuthorizationCode(code),
                                null,
                                null,
                                request.getState(),
                                null,
                                issuer,
                                ResponseMode.QUERY)
                        .toURI());
    }

    static Answer refuse(String found) {
        return Answer.page(
                400,
                Pages.message(
                        "This sign-in cannot go on",
                        "Found: "
                                + found
                                + " (expected: a registered client, its exact redirect address, scope openid)"),
                "'none'");
    }

    private Answer judge(AuthenticationRequest request, Optional<SignedIn> session) {
        if (!ResponseType.CODE.equals(request.getResponseType())) {
            return fail(request, UNSUPPORTED_RESPONSE_TYPE);
        }
        if (request.getCodeChallenge() == null
                || !CodeChallengeMethod.S256.equals(request.getCodeChallengeMethod())) {
            return fail(request, INVALID_REQUEST.setDescription("PKCE with S256 is required"));
        }
        var current = session.filter(signedIn -> fresh(request, signedIn));
        if (current.isPresent() && !asks(request, Prompt.Type.LOGIN, Prompt.Type.SELECT_ACCOUNT)) {
            return succeed(request, current.get());
        }
        return asks(request, Prompt.Type.NONE) ? fail(request, LOGIN_REQUIRED) : page(request);
    }

    private Answer page(AuthenticationRequest request) {
        // Chromium holds form-action against every redirect that follows, so ours must be named.
        var target = request.getRedirectionURI();
        var origin = URI.create(target.getScheme() + "://" + target.getRawAuthority());
        return Answer.page(
                200,
                Pages.signIn(users, request.getClientID().getValue(), state.keepWaiting(request)),
                "'self' " + origin);
    }

    private Answer fail(AuthenticationRequest request, ErrorObject error) {
        return Answer.redirect(
                new AuthenticationErrorResponse(
                                request.getRedirectionURI(),
                                error,
                                request.getState(),
                                issuer,
                                ResponseMode.QUERY)
                        .toURI());
    }

    private boolean redirectsTo(AuthenticationRequest request) {
        return clients.apply(request.getClientID().getValue())
                .filter(client -> client.redirectUris().contains(request.getRedirectionURI()))
                .isPresent();
    }

    /** Whether the sign-in is young enough for {@code max_age}, in seconds; −1 for any. */
    private boolean fresh(AuthenticationRequest request, SignedIn session) {
        return request.getMaxAge() < 0
                || !session.since()
                        .plus(Duration.ofSeconds(request.getMaxAge()))
                        .isBefore(clock.instant());
    }

    private static boolean asks(AuthenticationRequest request, Prompt.Type... any) {
        var prompt = request.getPrompt();
        return prompt != null && List.of(any).stream().anyMatch(prompt::contains);
    }
}
