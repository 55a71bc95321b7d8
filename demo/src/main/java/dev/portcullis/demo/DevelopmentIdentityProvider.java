package dev.portcullis.demo;

import com.nimbusds.common.contenttype.ContentType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.GrantType;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import com.nimbusds.openid.connect.sdk.LogoutRequest;
import com.nimbusds.openid.connect.sdk.SubjectType;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.portcullis.demo.ProviderState.SignedIn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An OpenID provider on loopback for the demo and for tests: one click signs in, nothing is kept on
 * disk. It can stop and start again on its port, rotate its keys, and be taught to misbehave.
 *
 * <p>Its address is 127.0.0.1 and never {@code localhost}: cookies know no ports, and its own must
 * not travel to Portcullis on localhost. Thread-safe.
 */
public final class DevelopmentIdentityProvider implements AutoCloseable {
    private static final int BODY_BYTES_MAX = 64 * 1024;
    private static final Pattern COOKIE =
            Pattern.compile("(?:^|; ?)(?:__Host-)?development-sign-in=([\\w-]{43})(?:;|$)");

    private final @Nullable SSLContext tls;
    private final int port;
    private final Issuer issuer;
    private final SigningKeys keys;
    private final ProviderState state = new ProviderState();
    private final Map<String, DevelopmentClient> clients = new ConcurrentHashMap<>();
    private final AuthorizationEndpoint authorization;
    private final TokenEndpoint token;
    private volatile Behaviour behaviour = Behaviour.HONEST;
    private @Nullable Running running;

    private record Running(HttpServer server, ExecutorService threads) {}

    /**
     * What a provider is made of.
     *
     * @param port on 127.0.0.1; 0 for any free one
     * @param tls who it proves to be; null for plain HTTP, in which its cookie does not travel in
     *     frames of other sites
     * @param algorithm of ID tokens: RS256, ES256 or others of those families
     * @param users who can sign in, in the order of their buttons
     */
    public record Settings(
            int port,
            @Nullable SSLContext tls,
            JWSAlgorithm algorithm,
            List<DevelopmentUser> users,
            Clock clock) {
        public Settings {
            users = List.copyOf(users);
        }

        /** Any free port, RS256, Alice and Mallory, the real time. */
        public static Settings standard(@Nullable SSLContext tls) {
            return new Settings(
                    0,
                    tls,
                    JWSAlgorithm.RS256,
                    List.of(DevelopmentUser.ALICE, DevelopmentUser.MALLORY),
                    Clock.systemUTC());
        }
    }

    private DevelopmentIdentityProvider(Settings settings) throws IOException {
        this.tls = settings.tls();
        this.keys = new SigningKeys(settings.algorithm());
        var server = bind(settings.port());
        this.port = server.getAddress().getPort();
        this.issuer = new Issuer((tls == null ? "http" : "https") + "://127.0.0.1:" + port);
        this.authorization =
                new AuthorizationEndpoint(
                        issuer, settings.users(), this::client, state, settings.clock());
        this.token =
                new TokenEndpoint(
                        issuer, this::client, state, keys, () -> behaviour, settings.clock());
        serve(server);
    }

    /**
     * Starts a provider.
     *
     * @throws IOException if the port is taken
     */
    public static DevelopmentIdentityProvider start(Settings settings) throws IOException {
        return new DevelopmentIdentityProvider(settings);
    }

    /** Its name in tokens and its address, without a slash at the end. */
    public URI issuer() {
        return URI.create(issuer.getValue());
    }

    /** Adds or replaces a client. */
    public void register(DevelopmentClient client) {
        clients.put(client.id(), client);
    }

    /** How it answers from now on. */
    public void behave(Behaviour changed) {
        behaviour = changed;
    }

    /** Signs with a new key from now on, and publishes only that. */
    public void rotateKeys() {
        keys.rotate();
    }

    /** Forgets who is signed in, as if every browser had lost its cookie. */
    public void forgetSessions() {
        state.closeAll();
    }

    /** Closes the port and every connection; {@link #restart} opens it again. */
    public synchronized void stop() {
        if (running != null) {
            running.server().stop(0);
            running.threads().shutdownNow();
            running = null;
        }
    }

    /**
     * Opens the same port again, with keys, clients and sessions as before.
     *
     * @throws IOException if somebody else took it
     */
    public synchronized void restart() throws IOException {
        stop();
        serve(bind(port));
    }

    @Override
    public void close() {
        stop();
    }

    private Optional<DevelopmentClient> client(String id) {
        return Optional.ofNullable(clients.get(id));
    }

    private HttpServer bind(int wanted) throws IOException {
        var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), wanted);
        if (tls == null) {
            return HttpServer.create(address, 0);
        }
        var server = HttpsServer.create(address, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return server;
    }

    private synchronized void serve(HttpServer server) {
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        for (var endpoint : Endpoint.values()) {
            server.createContext(endpoint.path(), exchange -> handle(endpoint, exchange));
        }
        server.start();
        running = new Running(server, threads);
    }

    private void handle(Endpoint endpoint, HttpExchange exchange) throws IOException {
        var current = behaviour;
        try {
            var answer = current.answer(endpoint, honest(endpoint, exchange));
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(answer.status(), answer.body().isEmpty() ? -1 : 0);
            if (!answer.body().isEmpty()) {
                var body = answer.body().getBytes(StandardCharsets.UTF_8);
                current.send(endpoint, body, exchange.getResponseBody());
            }
            // Only here: closed after an exception, a body cut short would look whole.
            exchange.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("stopped meanwhile", e);
        }
    }

    private Answer honest(Endpoint endpoint, HttpExchange exchange) throws IOException {
        if (!exchange.getRequestURI().getPath().equals(endpoint.path())) {
            return Answer.json(404, "{}");
        }
        var body =
                new String(
                        exchange.getRequestBody().readNBytes(BODY_BYTES_MAX),
                        StandardCharsets.UTF_8);
        var post = exchange.getRequestMethod().equals("POST");
        var query = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
        return switch (endpoint) {
            case DISCOVERY -> Answer.json(200, metadata().toJSONObject().toJSONString());
            case KEYS -> Answer.json(200, keys.published().toString());
            case AUTHORIZE ->
                    authorization.authorize(
                            URLUtils.parseParameters(post ? body : query), session(exchange));
            case SIGN_IN -> signIn(URLUtils.parseParameters(post ? body : ""));
            case TOKEN -> token.exchange(message(exchange, body));
            case USER_INFO -> userInfo(exchange);
            case END_SESSION -> endSession(query, post ? body : "", exchange);
        };
    }

    private Answer signIn(Map<String, List<String>> form) {
        return authorization
                .pressed(first(form, "request"), first(form, "user"))
                .map(pressed ->
                        authorization
                                .succeed(pressed.request(), pressed.session())
                                .withHeader("Set-Cookie", cookie(state.open(pressed.session()))))
                .orElseGet(
                        () -> AuthorizationEndpoint.refuse("a page that was used or never sent"));
    }

    private Answer userInfo(HttpExchange exchange) {
        var header = exchange.getRequestHeaders().getFirst("Authorization");
        return Optional.ofNullable(header)
                .filter(value -> value.startsWith("Bearer "))
                .flatMap(value -> state.holder(value.substring("Bearer ".length())))
                .map(user ->
                        Answer.json(
                                200,
                                JSONObjectUtils.toJSONString(
                                        Map.of(
                                                "sub", user.subject(),
                                                "email", user.email(),
                                                "email_verified", user.emailVerified(),
                                                "name", user.name(),
                                                "groups", user.groups()))))
                .orElseGet(() -> Answer.json(401, "{}").withHeader("WWW-Authenticate", "Bearer"));
    }

    /** OpenID Connect RP-Initiated Logout 1.0. */
    private Answer endSession(String query, String form, HttpExchange exchange) {
        try {
            var own = session(exchange);
            var parameters = form.contains("confirm=") || form.isEmpty() ? query : form;
            var request = LogoutRequest.parse(parameters);
            var confirmed = first(URLUtils.parseParameters(form), "confirm");
            if (request.getIDTokenHint() instanceof SignedJWT hint && keys.signed(hint)) {
                state.close(String.valueOf(hint.getJWTClaimsSet().getClaim("sid")));
            } else if (own.isPresent() && own.get().sid().equals(confirmed)) {
                state.close(confirmed);
            } else if (own.isPresent()) {
                return Answer.page(
                        200,
                        Pages.confirmSignOut(parameters, own.get().sid()),
                        "'self' https: http:");
            }
            return signedOut(request);
        } catch (ParseException | java.text.ParseException e) {
            return AuthorizationEndpoint.refuse(String.valueOf(e.getMessage()));
        }
    }

    private Answer signedOut(LogoutRequest request) {
        var target = request.getPostLogoutRedirectionURI();
        if (target == null) {
            return Answer.page(
                    200, Pages.message("Signed out", "You can close this page."), "'none'");
        }
        var known =
                clients.values().stream()
                        .anyMatch(client -> client.signedOutUris().contains(target));
        if (!known) {
            return AuthorizationEndpoint.refuse("post_logout_redirect_uri");
        }
        var to =
                request.getState() == null
                        ? target
                        : URI.create(
                                target
                                        + "?"
                                        + URLUtils.serializeParameters(
                                                Map.of(
                                                        "state",
                                                        List.of(request.getState().getValue()))));
        return Answer.redirect(to);
    }

    private HTTPRequest message(HttpExchange exchange, String body) {
        var method = HTTPRequest.Method.valueOf(exchange.getRequestMethod());
        var message = new HTTPRequest(method, issuer().resolve(exchange.getRequestURI()));
        var headers = exchange.getRequestHeaders();
        message.setAuthorization(headers.getFirst("Authorization"));
        try {
            message.setContentType(headers.getFirst("Content-Type"));
        } catch (ParseException e) {
            message.setEntityContentType(ContentType.TEXT_PLAIN); // Refused by whoever reads it.
        }
        message.setBody(body);
        return message;
    }

    private Optional<SignedIn> session(HttpExchange exchange) {
        var header = exchange.getRequestHeaders().getFirst("Cookie");
        return Optional.ofNullable(header)
                .map(COOKIE::matcher)
                .filter(Matcher::find)
                .flatMap(match -> state.session(match.group(1)));
    }

    private String cookie(String id) {
        return tls == null
                ? "development-sign-in=" + id + "; Path=/; HttpOnly; SameSite=Lax"
                : "__Host-development-sign-in=" + id + "; Path=/; HttpOnly; Secure; SameSite=None";
    }

    private OIDCProviderMetadata metadata() {
        var metadata =
                new OIDCProviderMetadata(issuer, List.of(SubjectType.PUBLIC), at(Endpoint.KEYS));
        metadata.setAuthorizationEndpointURI(at(Endpoint.AUTHORIZE));
        metadata.setTokenEndpointURI(at(Endpoint.TOKEN));
        metadata.setUserInfoEndpointURI(at(Endpoint.USER_INFO));
        metadata.setEndSessionEndpointURI(at(Endpoint.END_SESSION));
        metadata.setResponseTypes(List.of(ResponseType.CODE));
        metadata.setGrantTypes(List.of(GrantType.AUTHORIZATION_CODE));
        metadata.setCodeChallengeMethods(List.of(CodeChallengeMethod.S256));
        metadata.setIDTokenJWSAlgs(List.of(keys.algorithm()));
        metadata.setScopes(new Scope("openid", "email", "profile"));
        metadata.setSupportsAuthorizationResponseIssuerParam(true);
        metadata.setTokenEndpointAuthMethods(
                List.of(
                        ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
                        ClientAuthenticationMethod.CLIENT_SECRET_POST,
                        ClientAuthenticationMethod.NONE));
        return metadata;
    }

    private URI at(Endpoint endpoint) {
        return URI.create(issuer.getValue() + endpoint.path());
    }

    private static String first(Map<String, List<String>> parameters, String name) {
        return parameters.getOrDefault(name, List.of("")).getFirst();
    }
}
