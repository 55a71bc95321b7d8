package dev.portcullis.login;

import dev.portcullis.audit.AuditLog;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.runtime.OffLoop;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.SessionStore;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The routes that are answered here and never relayed: sign-in, sign-out and their pages. */
public final class OwnRoutes {
    /** What all but one of them begin with. */
    public static final String PREFIX = "/_portcullis/";

    static final String SIGN_IN = PREFIX + "sign-in";
    static final String CALLBACK = PREFIX + "callback";
    static final String SIGN_OUT = PREFIX + "sign-out";
    static final String SIGNED_OUT = PREFIX + "signed-out";
    static final String ME = PREFIX + "me";

    private static final Logger LOG = LoggerFactory.getLogger(OwnRoutes.class);
    static final String METADATA = "/.well-known/oauth-protected-resource";
    private static final int FORM_BYTES_MAX = 1024;

    /** One known route, and the methods it takes. */
    private enum Route {
        SIGN_IN(OwnRoutes.SIGN_IN, Method.GET),
        CALLBACK(OwnRoutes.CALLBACK, Method.GET),
        SIGN_OUT(OwnRoutes.SIGN_OUT, Method.GET, Method.POST),
        SIGNED_OUT(OwnRoutes.SIGNED_OUT, Method.GET),
        ME(OwnRoutes.ME, Method.GET),
        METADATA(OwnRoutes.METADATA, Method.GET);

        private final String path;

        @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
        private final List<Method> methods;

        Route(String path, Method... methods) {
            this.path = path;
            this.methods = List.of(methods);
        }

        static @Nullable Route at(String path) {
            return Arrays.stream(values())
                    .filter(route -> route.path.equals(path))
                    .findFirst()
                    .orElse(null);
        }

        String allow() {
            return String.join(", ", methods.stream().map(Method::name).toList());
        }
    }

    private final Pages pages;
    private final OffLoop offLoop;
    private final @Nullable SignInRoutes signIn;
    private final SessionRoutes session;
    private final ProtectedResource resource;

    /**
     * For the composition root.
     *
     * @param origin the only one there is
     * @param home where the Control UI lives: {@code /}, or the Gateway's base path
     * @param resource what programs are told of this door
     * @param provider where people sign in, or null where nobody can
     * @param offLoop where the provider is waited for
     */
    public OwnRoutes(
            PublicOrigin origin,
            String home,
            Pages pages,
            SessionStore sessions,
            LiveConnections connections,
            AuditLog audit,
            InstantSource clock,
            ProtectedResource resource,
            @Nullable Provider provider,
            OffLoop offLoop) {
        var door =
                new Door(
                        origin, home, pages, sessions, connections, new Trail(audit, clock), clock);
        this.pages = pages;
        this.offLoop = offLoop;
        this.resource = resource;
        this.signIn = provider == null ? null : new SignInRoutes(door, provider);
        this.session = new SessionRoutes(door, provider);
    }

    /** Whether that path is ours, known or not: nothing below our prefix is ever relayed. */
    public static boolean owns(String path) {
        return path.startsWith(PREFIX)
                || path.equals("/_portcullis")
                || path.equals(METADATA)
                || path.startsWith(METADATA + "/");
    }

    /** How many bytes of body that path takes; more is 413. */
    public static int bodyBytesMax(String path) {
        return path.equals(SIGN_OUT) ? FORM_BYTES_MAX : 0;
    }

    /**
     * Answers one request to a path of ours. Any thread, never blocks.
     *
     * @param body whole, at most {@link #bodyBytesMax} bytes
     * @return never fails
     */
    public CompletionStage<LocalResponse> answer(RequestHead head, byte[] body, ClientInfo client) {
        var route = Route.at(head.target().path());
        var signingIn = signIn;
        boolean needsProvider = route == Route.SIGN_IN || route == Route.CALLBACK;
        boolean absent =
                (needsProvider && signingIn == null)
                        || (route == Route.METADATA && !resource.takesTokens());
        if (route == null || head.isWebSocket() || absent) {
            return done(pages.error(PageKind.NOT_FOUND, head, client.requestId()));
        }
        if (!route.methods.contains(head.method())) {
            return done(
                    pages.error(PageKind.METHOD_NOT_ALLOWED, head, client.requestId())
                            .with(Fields.of("allow", route.allow())));
        }
        if (route == Route.SIGN_IN && !head.isNavigation()) {
            // Whatever a script fetches creates nothing, not even a slot's worth of work.
            return done(pages.error(PageKind.NOT_SIGNED_IN, head, client.requestId()));
        }
        return offLoop(() -> answer(route, signingIn, head, body, client), head, client);
    }

    private LocalResponse answer(
            Route route,
            @Nullable SignInRoutes signingIn,
            RequestHead head,
            byte[] body,
            ClientInfo client)
            throws InterruptedException {
        if (signingIn != null && route == Route.SIGN_IN) {
            return signingIn.signIn(head, client);
        }
        if (signingIn != null && route == Route.CALLBACK) {
            return signingIn.callback(head, client);
        }
        return switch (route) {
            case SIGN_OUT -> session.signOut(head, body, client);
            case SIGNED_OUT -> session.signedOut(head, client);
            case ME -> session.me(head, client);
            case METADATA -> resource.document();
            case SIGN_IN, CALLBACK -> pages.error(PageKind.NOT_FOUND, head, client.requestId());
        };
    }

    private CompletionStage<LocalResponse> offLoop(
            Callable<LocalResponse> work, RequestHead head, ClientInfo client) {
        return offLoop.call(work)
                .exceptionally(failure -> pages.error(kindOf(failure), head, client.requestId()));
    }

    private static PageKind kindOf(Throwable failure) {
        var cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof RejectedExecutionException) {
            LOG.warn("sign-in refused: every slot for work with the provider is taken");
            return PageKind.PROVIDER_UNAVAILABLE;
        }
        if (cause instanceof StoreUnavailableException) {
            LOG.warn("sign-in refused: the session store is out of reach");
            return PageKind.STORE_UNAVAILABLE;
        }
        LOG.error("a route of our own failed", cause);
        return PageKind.INTERNAL_ERROR;
    }

    private static CompletionStage<LocalResponse> done(LocalResponse answer) {
        return CompletableFuture.completedStage(answer);
    }
}
