package dev.portcullis;

import dev.portcullis.admin.AdminListener;
import dev.portcullis.audit.AuditFile;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.edge.Edge;
import dev.portcullis.edge.GateParts;
import dev.portcullis.identity.ServiceTokens;
import dev.portcullis.identity.TokenIssuers;
import dev.portcullis.login.OwnRoutes;
import dev.portcullis.login.Pages;
import dev.portcullis.login.ProtectedResource;
import dev.portcullis.login.Provider;
import dev.portcullis.login.SessionRefresher;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.AllowList;
import dev.portcullis.policy.Policy;
import dev.portcullis.runtime.OffLoop;
import dev.portcullis.runtime.Transport;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.SessionAuthenticator;
import dev.portcullis.session.SessionEnder;
import dev.portcullis.session.SessionReaper;
import dev.portcullis.session.SessionStore;
import dev.portcullis.state.AddressBuckets;
import dev.portcullis.state.ConnectionCounts;
import dev.portcullis.state.OpenStore;
import dev.portcullis.state.ServiceTokenFile;
import dev.portcullis.state.ServiceTokenWatch;
import dev.portcullis.upstream.Gateway;
import io.github.bucket4j.TimeMeter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running sidecar, wired in one place: built from the leaves up, closed in reverse. Start it
 * from any thread that may block.
 */
public final class Portcullis implements AutoCloseable {
    /** How many sign-ins may wait for the provider at once. */
    private static final int OFF_LOOP_SLOTS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Portcullis.class);

    private final Deque<AutoCloseable> closeInReverse = new ArrayDeque<>();
    private final Edge edge;
    private final AdminListener admin;
    private final SessionStore sessions;
    private final LiveConnections live = new LiveConnections();
    private final Meters meters;

    private Portcullis(PortcullisConfig config) throws IOException {
        InstantSource clock = Clock.systemUTC();
        try {
            meters = owned(new Meters(Version.CURRENT));
            var audit =
                    owned(AuditFile.open(config.audit().directory(), config.limits().auditQueue()));
            LimitMeters.publish(config, meters);
            meters.audit(audit::depth, audit::refused, audit::healthy);
            meters.insecureSettings(config.insecureSettings()::size);
            var transport = owned(Transport.start(Runtime.getRuntime().availableProcessors()));
            var limits = config.limits();
            var store = owned(OpenStore.open(config, clock.instant()));
            meters.sessions(store::sessionCount);
            sessions = store;
            var timer =
                    Executors.newSingleThreadScheduledExecutor(
                            Thread.ofPlatform().name("portcullis-timer").daemon().factory());
            owned(timer::shutdownNow);
            owned(SessionReaper.start(sessions, live, audit, clock, timer));
            var address = config.rateLimits().address();
            var offLoop = owned(new OffLoop("portcullis-off-loop", OFF_LOOP_SLOTS));
            var signIn = config.signIn();
            var provider = signIn == null ? null : owned(Provider.open(signIn, limits));
            if (provider != null) {
                meters.providerUp(() -> provider.status().available());
            }
            var tokens = owned(TokenIssuers.open(config.tokens(), limits, clock, timer));
            var serviceTokens = new ServiceTokens(clock);
            if (config.serviceTokens().nodeRoutes()) {
                var file = new ServiceTokenFile(config.state().directory());
                owned(ServiceTokenWatch.start(file, serviceTokens, live, audit, clock, timer));
            }
            meters.serviceTokens(serviceTokens::count);
            var home = config.gateway().basePath();
            var resource = ProtectedResource.of(config);
            var ender = new SessionEnder(sessions, live, audit, clock);
            var refresher =
                    owned(
                            new SessionRefresher(
                                    () -> provider, ender, meters, limits::refreshGrace));
            refresher.start(timer);
            var pages = new Pages(provider, home, resource);
            var ownRoutes =
                    new OwnRoutes(
                            config.publicOrigin(),
                            home,
                            pages,
                            ender,
                            refresher::watch,
                            meters,
                            resource,
                            provider,
                            offLoop);
            var parts =
                    new GateParts(
                            new Policy(
                                    new AllowList(config.allowUsers()),
                                    config.publicOrigin(),
                                    home),
                            new AddressBuckets(
                                    address.ratePerSecond(),
                                    address.burst(),
                                    TimeMeter.SYSTEM_NANOTIME),
                            ownRoutes,
                            pages,
                            audit,
                            meters,
                            live,
                            new SessionAuthenticator(sessions, refresher, clock),
                            serviceTokens,
                            clock);
            var gateway =
                    new Gateway(
                            config.gateway(),
                            config.publicOrigin(),
                            limits,
                            meters,
                            transport.loops(),
                            transport.channelType());
            meters.gatewayUp(() -> gateway.health().status().up());
            var connections =
                    new ConnectionCounts(limits.connections(), limits.connectionsPerAddress());
            edge = owned(Edge.open(transport, config, parts, tokens, connections, gateway));
            admin =
                    owned(
                            AdminListener.start(
                                    config.admin().listen(),
                                    HealthChecks.of(
                                            audit,
                                            store,
                                            gateway.health(),
                                            provider,
                                            tokens,
                                            edge::isDraining),
                                    meters::scrape));
        } catch (IOException | RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /**
     * Starts everything and returns when the listeners are open.
     *
     * @throws IOException names what could not be opened
     */
    public static Portcullis start(PortcullisConfig config) throws IOException {
        return new Portcullis(config);
    }

    private <T extends AutoCloseable> T owned(T part) {
        closeInReverse.push(part);
        return part;
    }

    /** Where browsers and programs connect. */
    public InetSocketAddress address() {
        return edge.address();
    }

    /** Where operators ask: live, ready, metrics. */
    public InetSocketAddress adminAddress() {
        return admin.address();
    }

    /** Stops taking connections and lets the open ones end; see {@link Edge#drain}. */
    public boolean drain() {
        return edge.drain();
    }

    SessionStore sessions() {
        return sessions;
    }

    LiveConnections live() {
        return live;
    }

    Meters meters() {
        return meters;
    }

    /** Ends what is left at once. */
    @Override
    public void close() {
        while (!closeInReverse.isEmpty()) {
            try {
                closeInReverse.pop().close();
            } catch (Exception failure) {
                LOG.error("A part did not close", failure);
            }
        }
    }
}
