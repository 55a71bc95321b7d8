package dev.portcullis.login;

import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import dev.portcullis.config.SignInConfig;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionSecret;
import dev.portcullis.session.SessionStore;
import dev.portcullis.session.SignInState;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sign-in: the authorization code flow with PKCE, from the redirect to the session (OpenID
 * Connect Core 1.0 §3.1, RFC 9700). Blocks: for virtual threads only.
 */
final class SignInFlow {
    private static final Logger LOG = LoggerFactory.getLogger(SignInFlow.class);

    private final Provider provider;
    private final SessionStore sessions;
    private final InstantSource clock;
    private final URI callback;
    private final CodeExchange exchange;

    /**
     * @param callback our redirect URI, from the configuration alone
     */
    SignInFlow(Provider provider, SessionStore sessions, InstantSource clock, URI callback) {
        this.provider = provider;
        this.sessions = sessions;
        this.clock = clock;
        this.callback = callback;
        this.exchange = new CodeExchange(provider, callback);
    }

    /** How a sign-in ended. */
    sealed interface Finished {
        /** In a session. */
        record Done(SessionSecret secret, Session session, String returnTo) implements Finished {}

        /**
         * In nothing.
         *
         * @param silent whether it ran in a hidden frame
         * @param name the user name that was refused, or null
         */
        record Failed(SignInFailure failure, boolean silent, @Nullable String name)
                implements Finished {}
    }

    /** How a sign-in begins. */
    sealed interface Begun {
        /** The browser goes to the provider. */
        record There(URI to) implements Begun {}

        /** It does not. */
        record Not(SignInFailure failure) implements Begun {}
    }

    /**
     * Begins a sign-in.
     *
     * @param browser what binds it to the browser
     * @param prompt what the provider is asked to show, or null for what it likes
     */
    Begun begin(SessionSecret browser, String returnTo, boolean silent, @Nullable String prompt)
            throws InterruptedException {
        var metadata = provider.reached();
        if (metadata == null) {
            return new Begun.Not(SignInFailure.PROVIDER_TROUBLE);
        }
        var state = SessionSecret.random();
        var nonce = SessionSecret.random().expose();
        var verifier = new CodeVerifier();
        var asked = request(metadata, state, nonce, verifier, silent ? "none" : prompt);
        var begun = handedOver(metadata, asked);
        if (begun instanceof Begun.There) {
            var signIn =
                    new SignInState(
                            browser.key(),
                            nonce,
                            verifier.getValue(),
                            returnTo,
                            silent,
                            clock.instant());
            StoreUnavailableException.await(sessions.putSignIn(state.key(), signIn));
        }
        return begun;
    }

    /** Through the provider's back door where it has one, else in the browser's hands. */
    private Begun handedOver(ProviderMetadata metadata, Map<String, List<String>> asked) {
        var there = metadata.authorizationEndpoint();
        var pushed = metadata.pushedEndpoint();
        if (pushed == null) {
            return new Begun.There(withQuery(there, asked));
        }
        return switch (new PushedRequest(provider, pushed).push(asked, clock.instant())) {
            case PushedRequest.Outcome.Taken(var requestUri) ->
                    new Begun.There(
                            withQuery(
                                    there,
                                    Map.of(
                                            "client_id",
                                            List.of(provider.config().clientId()),
                                            "request_uri",
                                            List.of(requestUri))));
            case PushedRequest.Outcome.Refused(var failure, var why) -> {
                log(failure, why);
                yield new Begun.Not(failure);
            }
        };
    }

    private Map<String, List<String>> request(
            ProviderMetadata metadata,
            SessionSecret state,
            String nonce,
            CodeVerifier verifier,
            @Nullable String prompt) {
        var config = provider.config();
        var request =
                new AuthenticationRequest.Builder(
                                ResponseType.CODE,
                                new Scope(config.scopes().toArray(String[]::new)),
                                new ClientID(config.clientId()),
                                callback)
                        .endpointURI(metadata.authorizationEndpoint())
                        .state(new State(state.expose()))
                        .nonce(new Nonce(nonce))
                        .codeChallenge(verifier, CodeChallengeMethod.S256)
                        .build();
        var parameters = new LinkedHashMap<>(request.toParameters());
        config.parameters().forEach((name, value) -> parameters.putIfAbsent(name, List.of(value)));
        if (prompt != null) {
            parameters.put("prompt", List.of(prompt));
        }
        return parameters;
    }

    private static URI withQuery(URI endpoint, Map<String, List<String>> parameters) {
        var query = URLUtils.serializeParameters(parameters);
        return URI.create(endpoint + (endpoint.getRawQuery() == null ? "?" : "&") + query);
    }

    /**
     * Finishes a sign-in. Its state is used up, however it ends.
     *
     * @param answer the provider's parameters, each name once
     * @param browser what the callback's browser holds, or null if nothing
     * @param address where it is
     */
    Finished finish(Map<String, String> answer, @Nullable SessionSecret browser, String address) {
        var state = SessionSecret.parse(answer.getOrDefault("state", ""));
        if (state.isEmpty() || browser == null) {
            return new Finished.Failed(SignInFailure.STATE_UNKNOWN, false, null);
        }
        var signIn =
                StoreUnavailableException.await(
                        sessions.takeSignIn(state.get().key(), clock.instant()));
        if (signIn.isEmpty() || !equal(signIn.get().browser(), browser.key())) {
            return new Finished.Failed(SignInFailure.STATE_UNKNOWN, false, null);
        }
        boolean silent = signIn.get().silent();
        return switch (exchange.verify(answer, signIn.get(), clock)) {
            case CodeExchange.Outcome.Failed(var failure, var why) ->
                    failed(failure, silent, null, why);
            case CodeExchange.Outcome.Verified verified ->
                    switch (ClaimedUser.of(verified.claims(), provider.config())) {
                        case ClaimedUser.Result.Refused(var failure, var name, var why) ->
                                failed(failure, silent, name, why);
                        case ClaimedUser.Result.Known(var user) ->
                                opened(user, verified, signIn.get(), address);
                    };
        };
    }

    private Finished opened(
            ClaimedUser user,
            CodeExchange.Outcome.Verified verified,
            SignInState signIn,
            String address) {
        var secret = SessionSecret.random();
        var session = session(SessionSecret.reference(secret.key()), user, verified, address);
        if (!StoreUnavailableException.await(sessions.put(secret.key(), session))) {
            return failed(
                    SignInFailure.TOO_MANY_SESSIONS,
                    signIn.silent(),
                    null,
                    "limits.sessions is reached");
        }
        if (endedThere(session)) { // Looked at once the session can be found: none slips through.
            StoreUnavailableException.await(sessions.remove(secret.key()));
            return failed(
                    SignInFailure.RESPONSE_INVALID,
                    signIn.silent(),
                    null,
                    "the provider's session ended meanwhile");
        }
        return new Finished.Done(secret, session, signIn.returnTo());
    }

    private boolean endedThere(Session session) {
        var there = session.providerSession();
        return there != null
                && StoreUnavailableException.await(
                        sessions.isRevoked(
                                LogoutRoutes.endedSessions(session.issuer()),
                                there,
                                clock.instant()));
    }

    private Session session(
            String reference,
            ClaimedUser user,
            CodeExchange.Outcome.Verified verified,
            String address) {
        SignInConfig config = provider.config();
        var metadata = provider.metadata();
        boolean endsThere = metadata != null && metadata.endSessionEndpoint() != null;
        var now = clock.instant();
        return new Session(
                        reference,
                        user.user(),
                        user.groups(),
                        config.issuer().toString(),
                        user.subject(),
                        verified.claims().text("sid"),
                        endsThere ? verified.idToken() : null,
                        now,
                        now.plus(config.absolute()),
                        config.idle())
                .with(address, verified.tokens().kept(now, null));
    }

    private static Finished failed(
            SignInFailure failure, boolean silent, @Nullable String name, String why) {
        log(failure, why);
        return new Finished.Failed(failure, silent, name);
    }

    private static void log(SignInFailure failure, String why) {
        LOG.atInfo()
                .addKeyValue("reason", failure.reason().code())
                .addKeyValue("why", why)
                .log("sign-in failed");
    }

    private static boolean equal(String a, String b) {
        return MessageDigest.isEqual(
                a.getBytes(StandardCharsets.US_ASCII), b.getBytes(StandardCharsets.US_ASCII));
    }
}
