package dev.portcullis;

import dev.portcullis.admin.AdminListener;
import dev.portcullis.audit.AuditFile;
import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.FileStamp;
import dev.portcullis.config.FixedAtStart;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.edge.Edge;
import dev.portcullis.identity.ServiceTokens;
import dev.portcullis.login.OwnRoutes;
import dev.portcullis.login.Provider;
import dev.portcullis.login.SessionRefresher;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.RateLimits;
import dev.portcullis.runtime.ClockWatch;
import dev.portcullis.runtime.MemoryWatch;
import dev.portcullis.runtime.OffLoop;
import dev.portcullis.runtime.Transport;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.SessionEnder;
import dev.portcullis.session.SessionReaper;
import dev.portcullis.session.SessionStore;
import dev.portcullis.state.ConnectionCounts;
import dev.portcullis.state.OpenStore;
import dev.portcullis.state.RateLimitBuckets;
import dev.portcullis.state.RedisLink;
import dev.portcullis.state.ServiceTokenFile;
import dev.portcullis.state.ServiceTokenWatch;
import dev.portcullis.upstream.Gateway;
import io.github.bucket4j.TimeMeter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running sidecar, wired in one place: built from the leaves up, closed in reverse. Start it
 * from any thread that may block.
 */
public final class Portcullis implements AutoCloseable {
    /**
     * How many sign-ins may wait for the provider at once, and how many sign-outs for the store.
     */
    private static final int WAITING_MAX = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Portcullis.class);

    private final Deque<AutoCloseable> closeInReverse = new ArrayDeque<>();
    private final Edge edge;
    private final AdminListener admin;
    private final SessionStore sessions;
    private final LiveConnections live = new LiveConnections();
    private final Meters meters;
    private final Shared shared;
    private final Gateway gateway;
    private final Takeover takeover;
    private final Reloads reloads;
    private final SessionRefresher refresher;
    private volatile Generation generation;

    private Portcullis(
            PortcullisConfig config,
            ConfigFile.Origin origin,
            Map<Path, FileStamp> files,
            InstantSource clock)
            throws IOException {
        try {
            meters = owned(new Meters(Version.CURRENT));
            var audit =
                    owned(AuditFile.open(config.audit().directory(), config.limits().auditQueue()));
            LimitMeters.publish(config, meters);
            meters.audit(audit::depth, audit::refused, audit::healthy);

            var transport = owned(Transport.start(Runtime.getRuntime().availableProcessors()));
            var limits = config.limits();
            var redis = openRedis(config);
            var store = owned(OpenStore.open(config, redis, clock.instant()));
            meters.sessions(store::sessionCount);
            sessions = store;
            var timer =
                    Executors.newSingleThreadScheduledExecutor(
                            Thread.ofPlatform().name("portcullis-timer").daemon().factory());
            owned(timer::shutdownNow);
            var ender = new SessionEnder(sessions, live, audit, clock);
            sessions.onChange(ender);
            owned(SessionReaper.start(ender, timer));
            var memoryShort = MemoryWatch.start(limits.memory(), transport.loops(), timer);
            var steps = new ClockSteps(audit, meters, live, clock);
            ClockWatch.start(clock, steps::stepped, timer);
            var waiting =
                    new OwnRoutes.Waiting(
                            owned(new OffLoop("portcullis-sign-in", WAITING_MAX)),
                            owned(new OffLoop("portcullis-sign-out", WAITING_MAX)),
                            owned(new OffLoop("portcullis-logout", WAITING_MAX)));
            var serviceTokens = new ServiceTokens(clock);
            if (config.serviceTokens().nodeRoutes()) {
                var file = new ServiceTokenFile(config.state().directory());
                owned(ServiceTokenWatch.start(file, serviceTokens, live, audit, clock, timer));
            }
            meters.serviceTokens(serviceTokens::count);
            refresher =
                    new SessionRefresher(
                            this::provider,
                            ender,
                            System::nanoTime,
                            meters,
                            () -> generation.config().limits());
            shared =
                    new Shared(
                            sessions,
                            live,
                            ender,
                            audit,
                            meters,
                            refresher,
                            serviceTokens,
                            rateLimits(config, redis),
                            memoryShort,
                            clock,
                            timer,
                            waiting);
            generation = Generation.of(config, shared, null);
            owned(() -> generation.close());
            owned(refresher); // Before the provider: what it is asking for counts once.
            refresher.start(timer);
            if (generation.provider() != null) {
                meters.providerUp(this::providerUp);
            }
            gateway =
                    new Gateway(
                            config.gateway(),
                            config.publicOrigin(),
                            limits,
                            config.rateLimits(),
                            meters,
                            transport.loops(),
                            transport.channelType());
            meters.gatewayUp(() -> gateway.health().status().up());
            var connections =
                    new ConnectionCounts(Takeover.clients(config), limits.connectionsPerAddress());
            meters.insecureSettings(() -> generation.config().insecureSettings().size());
            edge =
                    owned(
                            Edge.open(
                                    transport,
                                    config,
                                    generation.parts(),
                                    generation.tokens(),
                                    connections,
                                    gateway));
            takeover = new Takeover(shared, edge, gateway, connections);
            reloads = new Reloads(origin, files, this::reload, audit, meters, clock);
            admin =
                    owned(
                            AdminListener.start(
                                    config.admin().listen(),
                                    HealthChecks.of(
                                            audit,
                                            store,
                                            gateway.health(),
                                            () -> generation,
                                            reloads,
                                            edge::isDraining),
                                    meters::scrape));
            owned(Control.open(config.state().controlSocket(), shared, reloads));
        } catch (IOException | RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /**
     * Starts everything and returns when the listeners are open.
     *
     * @param origin where the configuration came from, to be read again
     * @param files that were read for it, to be watched
     * @throws IOException names what could not be opened
     */
    public static Portcullis start(
            PortcullisConfig config, ConfigFile.Origin origin, Map<Path, FileStamp> files)
            throws IOException {
        return start(config, origin, files, Clock.systemUTC());
    }

    /**
     * The same by another wall clock, for tests.
     *
     * @param clock wall-clock time, which may be set while it runs
     */
    static Portcullis start(
            PortcullisConfig config,
            ConfigFile.Origin origin,
            Map<Path, FileStamp> files,
            InstantSource clock)
            throws IOException {
        return new Portcullis(config, origin, files, clock);
    }

    private static Function<RateLimitsConfig, RateLimits> rateLimits(
            PortcullisConfig config, @Nullable RedisLink redis) {
        var time = TimeMeter.SYSTEM_NANOTIME;
        var origin = config.publicOrigin().origin();
        return redis == null
                ? rates -> RateLimitBuckets.inMemory(rates, time)
                : rates -> RateLimitBuckets.shared(rates, time, redis, origin);
    }

    private @Nullable RedisLink openRedis(PortcullisConfig config) {
        var redis = config.state().redis();
        if (redis == null) {
            return null;
        }
        var link = owned(RedisLink.open(redis, config.limits().storeTime()));
        meters.redis(link::up, link::roundTripSeconds, link::waiting);
        return link;
    }

    private <T extends AutoCloseable> T owned(T part) {
        closeInReverse.push(part);
        return part;
    }

    /** Reads the configuration file again and takes it over, or changes nothing. Blocks. */
    Reload reload() {
        return reloads.reload(Reloads.Trigger.SIGNAL);
    }

    /**
     * Takes over another configuration while everything runs, or changes nothing at all. Requests
     * under way end as they began; what is open and may not go on is closed. Blocks.
     */
    private Reload reload(PortcullisConfig config) {
        var before = generation;
        var fixed = FixedAtStart.changed(before.config(), config);
        if (!fixed.isEmpty()) {
            return new Reload.Refused(
                    fixed.stream().map(key -> key + ": changed (expected: a restart)").toList());
        }
        try {
            var next = takeover.begin(config, before);
            generation = next;
            takeover.finish(before, next);
            return new Reload.Done();
        } catch (IOException | RuntimeException failure) {
            return new Reload.Refused(List.of(String.valueOf(failure.getMessage())));
        }
    }

    private @Nullable Provider provider() {
        return generation.provider();
    }

    private boolean providerUp() {
        var provider = provider();
        return provider != null && provider.status().available();
    }

    /** Where browsers and programs connect. */
    public InetSocketAddress address() {
        return edge.address();
    }

    /** Where operators ask: live, ready, metrics. */
    public InetSocketAddress adminAddress() {
        return admin.address();
    }

    /**
     * Stops taking connections and lets the open ones end; see {@link Edge#drain}. Meanwhile what
     * the provider is just being asked ends too, so that one deadline does for both.
     */
    public boolean drain() {
        var asking = Thread.ofPlatform().name("portcullis-last-refreshes").start(refresher::close);
        boolean gone = edge.drain();
        try {
            asking.join(); // Bounded by its own limits.
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        return gone;
    }

    /**
     * Ends a {@link #drain} within a second or so, close frames first, and what the store is slow
     * to take. Any thread.
     */
    public void hurry() {
        edge.hurry();
        refresher.hurry();
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
