package dev.portcullis.login;

import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.ClientCredential;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.config.Secret;
import dev.portcullis.config.SignInConfig;
import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.Target;
import dev.portcullis.metrics.Meters;
import dev.portcullis.runtime.OffLoop;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.SessionEnder;
import dev.portcullis.session.SessionStore;
import dev.portcullis.state.MemorySessionStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Everything a sign-in needs, real but for the provider's side and the browser's. */
final class SignInScene implements AutoCloseable {
    private static final ProtectedResource NO_TOKENS =
            new ProtectedResource("https://claw.example.com", List.of(), null);

    static final int SESSIONS_MAX = 20;
    static final Instant START = Instant.parse("2026-11-22T08:00:00Z");
    static final PublicOrigin ORIGIN = new PublicOrigin("claw.example.com", 443);

    final StandInProvider standIn;
    final Provider provider;
    final MemorySessionStore sessions;
    final LiveConnections connections = new LiveConnections();
    final List<AuditEvent> audit = Collections.synchronizedList(new ArrayList<>());
    final SessionEnder ender;
    final Meters meters = new Meters("test");
    final SessionRefresher refresher;
    final OwnRoutes routes;
    final Pages pages;
    Instant now = START;
    boolean audited = true;
    volatile boolean storeAway;
    final AtomicInteger replacesUntilStoreAway = new AtomicInteger(Integer.MAX_VALUE);
    final OwnRoutes.Waiting waiting =
            new OwnRoutes.Waiting(
                    new OffLoop("test-sign-in", 8),
                    new OffLoop("test-sign-out", 8),
                    new OffLoop("test-logout", 8));

    SignInScene() {
        this(UnaryOperator.identity());
    }

    SignInScene(UnaryOperator<SignInConfig> change) {
        this(new StandInProvider(), change);
    }

    SignInScene(StandInProvider standIn, UnaryOperator<SignInConfig> change) {
        this.standIn = standIn;
        this.provider = open(change.apply(config(standIn.issuer())));
        this.sessions =
                new MemorySessionStore(
                        SESSIONS_MAX, 100, LimitsConfig.DEFAULTS.signInTime(), this::nanos);
        this.pages = new Pages(provider, "/", NO_TOKENS);
        this.ender =
                new SessionEnder(
                        reachedOrNot(),
                        connections,
                        event -> audited && audit.add(event),
                        () -> now);
        this.refresher =
                new SessionRefresher(
                        () -> provider, ender, this::nanos, meters, () -> LimitsConfig.DEFAULTS);
        this.routes =
                new OwnRoutes(
                        ORIGIN,
                        "/",
                        pages,
                        ender,
                        refresher::watch,
                        meters,
                        NO_TOKENS,
                        provider,
                        waiting);
    }

    private long nanos() {
        return Duration.between(START, now).toNanos();
    }

    static SignInConfig config(URI issuer) {
        return new SignInConfig(
                issuer,
                StandInProvider.CLIENT,
                new ClientCredential.SharedSecret(new Secret(StandInProvider.SECRET)),
                "email",
                "groups",
                List.of("openid", "email", "profile"),
                Map.of(),
                Map.of(),
                null,
                Duration.ofMinutes(30),
                Duration.ofHours(12),
                false);
    }

    static Provider open(SignInConfig config) {
        try {
            return Provider.open(config, LimitsConfig.DEFAULTS);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The store, or a failure whatever it is asked while it is away. */
    private SessionStore reachedOrNot() {
        return (SessionStore)
                Proxy.newProxyInstance(
                        SessionStore.class.getClassLoader(),
                        new Class<?>[] {SessionStore.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("replace")
                                    && replacesUntilStoreAway.getAndDecrement() == 0) {
                                storeAway = true;
                            }
                            return storeAway
                                    ? CompletableFuture.failedStage(new IOException("out of reach"))
                                    : method.invoke(sessions, arguments);
                        });
    }

    /** A browser with its cookie jar. */
    final class Browser {
        final Map<String, String> jar = new LinkedHashMap<>();

        LocalResponse get(String path, String... moreFields) {
            return send(Method.GET, path, "", navigation(moreFields));
        }

        LocalResponse post(String path, String body, String... fields) {
            return send(Method.POST, path, body, Fields.of(fields));
        }

        LocalResponse send(Method method, String path, String body, Fields fields) {
            var all = jar.isEmpty() ? fields : fields.plus(Fields.of("cookie", cookieHeader()));
            var answer =
                    routes.answer(
                                    head(method, path, all),
                                    body.getBytes(StandardCharsets.UTF_8),
                                    new ClientInfo("request-1", "192.0.2.7:4711"))
                            .toCompletableFuture()
                            .join();
            answer.fields().all("set-cookie").forEach(this::keep);
            return answer;
        }

        /** Goes to sign in; what the provider is asked. */
        Map<String, String> begin(String query) {
            var answer = get("/_portcullis/sign-in" + query);
            if (answer.status() != 302) {
                throw new AssertionError("status " + answer.status() + "\n" + text(answer));
            }
            return query(answer);
        }

        /** Comes back with a good code, the provider vouching for alice. */
        LocalResponse comeBack(Map<String, String> asked) {
            standIn.vouchFor(asked.getOrDefault("nonce", ""), now);
            return comeBackAs(asked);
        }

        /** Comes back with whatever the provider's claims are now. */
        LocalResponse comeBackAs(Map<String, String> asked) {
            return get(callback(Map.of("code", "c0de", "state", asked.getOrDefault("state", ""))));
        }

        /** From nothing to a session. */
        Browser signIn() {
            var answer = comeBack(begin(""));
            if (answer.status() != 302 || session() == null) {
                throw new AssertionError("status " + answer.status() + "\n" + text(answer));
            }
            return this;
        }

        @Nullable String session() {
            return jar.get("__Host-portcullis");
        }

        private String cookieHeader() {
            return jar.entrySet().stream()
                    .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                    .collect(Collectors.joining("; "));
        }

        private void keep(String setCookie) {
            var pair = setCookie.substring(0, setCookie.indexOf(';'));
            var name = pair.substring(0, pair.indexOf('='));
            if (setCookie.contains("Max-Age=0")) {
                jar.remove(name);
            } else {
                jar.put(name, pair.substring(pair.indexOf('=') + 1));
            }
        }
    }

    Browser browser() {
        return new Browser();
    }

    /** The callback's path with those parameters, and the issuer's name as RFC 9207 wants it. */
    String callback(Map<String, String> parameters) {
        var all = new LinkedHashMap<>(parameters);
        all.putIfAbsent("iss", standIn.issuer().toString());
        return "/_portcullis/callback?"
                + all.entrySet().stream()
                        .filter(parameter -> !parameter.getValue().isEmpty())
                        .map(parameter ->
                                parameter.getKey()
                                        + "="
                                        + URLEncoder.encode(
                                                parameter.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
    }

    Reason lastReason() {
        return audit.getLast().reason();
    }

    static Fields navigation(String... more) {
        return Fields.of(
                        "sec-fetch-mode", "navigate",
                        "sec-fetch-dest", "document",
                        "accept", "text/html,*/*;q=0.8")
                .plus(Fields.of(more));
    }

    static RequestHead head(Method method, String path, Fields fields) {
        int question = path.indexOf('?');
        var target =
                question < 0
                        ? new Target(path, null)
                        : new Target(path.substring(0, question), path.substring(question + 1));
        return new RequestHead(
                RequestHead.Protocol.HTTP_1_1,
                method,
                target,
                ORIGIN.authority(),
                fields,
                0,
                false,
                null,
                false);
    }

    static Map<String, String> query(LocalResponse redirect) {
        var location = URI.create(String.valueOf(redirect.fields().first("location")));
        return Parameters.parse(location.getRawQuery()).orElseThrow();
    }

    /** An answer as a client reads it, fields included. */
    static String text(LocalResponse answer) {
        var text = new StringBuilder();
        for (Field field : answer.fields()) {
            text.append(field.name()).append(": ").append(field.value()).append('\n');
        }
        return text.append('\n').append(answer.body().asUtf8()).toString();
    }

    @Override
    public void close() {
        refresher.close();
        provider.close();
        standIn.close();
        waiting.forProvider().close();
        waiting.forStore().close();
        waiting.forLogout().close();
    }
}
