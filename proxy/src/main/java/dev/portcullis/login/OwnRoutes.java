package dev.portcullis.login;

import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.metrics.Meters;
import dev.portcullis.runtime.OffLoop;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionEnder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
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
    static final String FRONT_CHANNEL_LOGOUT = PREFIX + "front-channel-logout";
    static final String BACK_CHANNEL_LOGOUT = PREFIX + "back-channel-logout";
    static final String ME = PREFIX + "me";

    private static final Logger LOG = LoggerFactory.getLogger(OwnRoutes.class);
    static final String METADATA = "/.well-known/oauth-protected-resource";
    private static final int FORM_BYTES_MAX = 1024;
    private static final int LOGOUT_TOKEN_BYTES_MAX = 20 * 1024; // A token, and what is around it.

    /** One known route, and the methods it takes. */
    private enum Route {
        SIGN_IN(OwnRoutes.SIGN_IN, Method.GET),
        CALLBACK(OwnRoutes.CALLBACK, Method.GET),
        SIGN_OUT(OwnRoutes.SIGN_OUT, Method.GET, Method.POST),
        SIGNED_OUT(OwnRoutes.SIGNED_OUT, Method.GET),
        FRONT_CHANNEL_LOGOUT(OwnRoutes.FRONT_CHANNEL_LOGOUT, Method.GET),
        BACK_CHANNEL_LOGOUT(OwnRoutes.BACK_CHANNEL_LOGOUT, Method.POST),
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

        boolean needsProvider() {
            return switch (this) {
                case SIGN_IN, CALLBACK, FRONT_CHANNEL_LOGOUT, BACK_CHANNEL_LOGOUT -> true;
                case SIGN_OUT, SIGNED_OUT, ME, METADATA -> false;
            };
        }

        /** Whether the provider may be asked on the way, and may be slow. */
        boolean asksProvider() {
            return switch (this) {
                case SIGN_IN, CALLBACK, BACK_CHANNEL_LOGOUT -> true;
                case SIGN_OUT, SIGNED_OUT, FRONT_CHANNEL_LOGOUT, ME, METADATA -> false;
            };
        }

        String allow() {
            return String.join(", ", methods.stream().map(Method::name).toList());
        }
    }

    /**
     * Where work waits. Nobody who wants to leave, or whom the provider lets go, stands behind
     * those who wait for a slow provider.
     *
     * @param forProvider for the provider, and for the store
     * @param forStore for the store alone
     * @param forLogout what the provider says of its own accord: for its keys, and for the store
     */
    public record Waiting(OffLoop forProvider, OffLoop forStore, OffLoop forLogout) {
        private OffLoop place(Route route) {
            if (route == Route.BACK_CHANNEL_LOGOUT) {
                return forLogout;
            }
            return route.asksProvider() ? forProvider : forStore;
        }
    }

    /** The routes that make no sense without a provider. */
    private record ProviderRoutes(SignInRoutes signIn, LogoutRoutes logout) {}

    private final Pages pages;
    private final Waiting waiting;
    private final @Nullable ProviderRoutes provided;
    private final SessionRoutes session;
    private final ProtectedResource resource;

    /**
     * For the composition root.
     *
     * @param origin the only one there is
     * @param home where the Control UI lives: {@code /}, or the Gateway's base path
     * @param ender where sessions are kept and ended
     * @param begun told of each new session
     * @param resource what programs are told of this door
     * @param provider where people sign in, or null where nobody can
     * @param waiting where the provider and the store are waited for
     */
    public OwnRoutes(
            PublicOrigin origin,
            String home,
            Pages pages,
            SessionEnder ender,
            Consumer<Session> begun,
            Meters meters,
            ProtectedResource resource,
            @Nullable Provider provider,
            Waiting waiting) {
        var door =
                new Door(
                        origin,
                        home,
                        pages,
                        ender.sessions(),
                        ender,
                        session -> provider != null && provider.vouchesFor(session),
                        begun,
                        meters,
                        new Trail(ender.audit(), ender.clock()),
                        ender.clock());
        this.pages = pages;
        this.waiting = waiting;
        this.resource = resource;
        this.provided =
                provider == null
                        ? null
                        : new ProviderRoutes(
                                new SignInRoutes(door, provider), new LogoutRoutes(door, provider));
        this.session = new SessionRoutes(door, provider);
    }

    /** Whether that path is ours, known or not: nothing below our prefix is ever relayed. */
    public static boolean owns(String path) {
        return path.startsWith(PREFIX)
                || path.equals("/_portcullis")
                || path.equals(METADATA)
                || path.startsWith(METADATA + "/");
    }

    /** Whether it is a part of signing in: what costs a place among the sign-ins under way. */
    public static boolean isSignIn(RequestHead head) {
        return switch (head.target().path()) {
            case SIGN_IN -> head.isNavigation() && !head.isSubresource();
            case CALLBACK -> !head.isSubresource();
            default -> false;
        };
    }

    /** Whether it asks for the end of a session, by its user or by the provider. */
    public static boolean isSignOut(RequestHead head) {
        return switch (head.target().path()) {
            case SIGN_OUT, FRONT_CHANNEL_LOGOUT, BACK_CHANNEL_LOGOUT -> true;
            default -> false;
        };
    }

    /** How many bytes of body that path takes; more is 413. */
    public static int bodyBytesMax(String path) {
        return switch (path) {
            case SIGN_OUT -> FORM_BYTES_MAX;
            case BACK_CHANNEL_LOGOUT -> LOGOUT_TOKEN_BYTES_MAX;
            default -> 0;
        };
    }

    /**
     * Answers one request to a path of ours. Any thread, never blocks.
     *
     * @param body whole, at most {@link #bodyBytesMax} bytes
     * @return never fails
     */
    public CompletionStage<LocalResponse> answer(RequestHead head, byte[] body, ClientInfo client) {
        var route = Route.at(head.target().path());
        boolean absent =
                route != null
                        && ((route.needsProvider() && provided == null)
                                || (route == Route.METADATA && !resource.takesTokens()));
        if (route == null || head.isWebSocket() || absent) {
            return done(pages.error(PageKind.NOT_FOUND, head, client.requestId()));
        }
        if (!route.methods.contains(head.method())) {
            return done(
                    pages.error(PageKind.METHOD_NOT_ALLOWED, head, client.requestId())
                            .with(Fields.of("allow", route.allow())));
        }
        if ((route == Route.SIGN_IN || route == Route.CALLBACK) && !isSignIn(head)) {
            // Whatever a script fetches creates nothing, not even a slot's worth of work.
            return done(pages.error(PageKind.NOT_SIGNED_IN, head, client.requestId()));
        }
        return waiting.place(route)
                .call(() -> answer(route, head, body, client))
                .exceptionally(
                        failure -> pages.error(kindOf(route, failure), head, client.requestId()));
    }

    private LocalResponse answer(Route route, RequestHead head, byte[] body, ClientInfo client)
            throws InterruptedException {
        return switch (route) {
            case SIGN_IN -> provided().signIn().signIn(head, client);
            case CALLBACK -> provided().signIn().callback(head, client);
            case FRONT_CHANNEL_LOGOUT -> provided().logout().frontChannel(head, client);
            case BACK_CHANNEL_LOGOUT -> provided().logout().backChannel(head, body, client);
            case SIGN_OUT -> session.signOut(head, body, client);
            case SIGNED_OUT -> session.signedOut(head, client);
            case ME -> session.me(head, client);
            case METADATA -> resource.document();
        };
    }

    private ProviderRoutes provided() {
        return Objects.requireNonNull(provided);
    }

    private static PageKind kindOf(Route route, Throwable failure) {
        var cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof RejectedExecutionException) {
            LOG.warn("{} refused: every slot for its work is taken", route.path);
            return route.asksProvider()
                    ? PageKind.PROVIDER_UNAVAILABLE
                    : PageKind.STORE_UNAVAILABLE;
        }
        if (cause instanceof StoreUnavailableException) {
            LOG.warn("{} refused: the session store is out of reach", route.path);
            return PageKind.STORE_UNAVAILABLE;
        }
        LOG.error("a route of our own failed", cause);
        return PageKind.INTERNAL_ERROR;
    }

    private static CompletionStage<LocalResponse> done(LocalResponse answer) {
        return CompletableFuture.completedStage(answer);
    }
}
