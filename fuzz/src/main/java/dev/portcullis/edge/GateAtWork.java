package dev.portcullis.edge;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.audit.AuditEvent;
import dev.portcullis.config.AllowedUser;
import dev.portcullis.config.ByteRateConfig;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.LockoutConfig;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.config.TrustedBalancers;
import dev.portcullis.fuzz.Finding;
import dev.portcullis.identity.ClientCertificates;
import dev.portcullis.identity.ServiceTokens;
import dev.portcullis.identity.TokenAuthenticator;
import dev.portcullis.login.OwnRoutes;
import dev.portcullis.login.Pages;
import dev.portcullis.login.ProtectedResource;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.AllowList;
import dev.portcullis.policy.Policy;
import dev.portcullis.policy.RateLimits;
import dev.portcullis.runtime.OffLoop;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionAuthenticator;
import dev.portcullis.session.SessionCookie;
import dev.portcullis.session.SessionEnder;
import dev.portcullis.session.SessionSecret;
import dev.portcullis.state.ConnectionCounts;
import dev.portcullis.state.MemorySessionStore;
import dev.portcullis.state.RateLimitBuckets;
import io.github.bucket4j.TimeMeter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;

/**
 * The product's own gate, for pipelines without sockets: one person is signed in, one origin is
 * served, the clock stands still and no rate is ever too fast. Keeps what it wrote down.
 */
final class GateAtWork {
    /** Of the one who is signed in. */
    static final String COOKIE = SessionCookie.NAME + "=" + "A".repeat(43);

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);
    private static final PublicOrigin ORIGIN = new PublicOrigin("claw.test", 443);
    private static final LimitsConfig LIMITS = limits();
    private static final RateLimitConfig RATE = new RateLimitConfig(1000, 1000);
    private static final RateLimitsConfig RATES =
            new RateLimitsConfig(
                    RATE,
                    RATE,
                    RATE,
                    new LockoutConfig(1000, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                    RATE,
                    new ByteRateConfig(1_000_000, 1_000_000));
    private static final AllowList ALLOWED =
            new AllowList(
                    List.of(
                            new AllowedUser(
                                    new UserName("alice@example.com"),
                                    null,
                                    Role.OPERATOR,
                                    null,
                                    null)));
    private static final Meters METERS = new Meters("fuzz");
    private static final OffLoop OFF_LOOP = closedOffLoop();
    private static final SslContext TLS = tls();

    private final List<AuditEvent> audit = new ArrayList<>();
    private final Serving serving;

    GateAtWork() {
        var sessions = new MemorySessionStore(10, 10, Duration.ofMinutes(10), () -> 0);
        var secret = SessionSecret.parse("A".repeat(43)).orElseThrow();
        sessions.put(secret.key(), session(secret));
        var live = new LiveConnections();
        var ender = new SessionEnder(sessions, live, this::writeDown, CLOCK);
        var resource = new ProtectedResource(ORIGIN.origin(), List.of(), null);
        var pages = new Pages(null, "/", resource);
        var waiting = new OwnRoutes.Waiting(OFF_LOOP, OFF_LOOP, OFF_LOOP);
        var ownRoutes =
                new OwnRoutes(ORIGIN, "/", pages, ender, _ -> {}, METERS, resource, null, waiting);
        var asked = new SessionAuthenticator(sessions, CLOCK);
        var machines = new ServiceTokens(CLOCK);
        var gate =
                new Gate(
                        ORIGIN,
                        new Authenticator(
                                asked,
                                TokenAuthenticator.NONE,
                                machines,
                                ClientCertificates.none(CLOCK)),
                        new Policy(ALLOWED, ORIGIN, "/"),
                        rates(),
                        ownRoutes,
                        pages,
                        this::writeDown,
                        METERS,
                        live,
                        asked,
                        machines,
                        new UserCounts(),
                        new UserCounts(),
                        LIMITS,
                        () -> false,
                        CLOCK);
        serving = new Serving(gate, TLS);
    }

    /** The usual ones, some of them small enough to be reached. */
    private static LimitsConfig limits() {
        var small =
                Map.<String, Object>of(
                        "head", 1024, "fields", 16, "http2Streams", 4, "http2Window", 16 * 1024);
        try {
            var components = LimitsConfig.class.getRecordComponents();
            var types = new Class<?>[components.length];
            var values = new Object[components.length];
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                var usual = components[i].getAccessor().invoke(LimitsConfig.DEFAULTS);
                values[i] = small.getOrDefault(components[i].getName(), usual);
            }
            return LimitsConfig.class.getConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What would be done elsewhere fails at once, so that all happens on one thread. */
    private static OffLoop closedOffLoop() {
        var offLoop = new OffLoop("fuzz-off-loop", 1);
        offLoop.close();
        return offLoop;
    }

    private static SslContext tls() {
        try {
            return SslContextBuilder.forClient().build(); // Never used: bytes come behind TLS.
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Session session(SessionSecret secret) {
        return new Session(
                SessionSecret.reference(secret.key()),
                new UserName("alice@example.com"),
                Set.of(),
                "https://login.claw.test",
                "alice",
                null,
                null,
                NOW,
                NOW.plus(Duration.ofDays(30)),
                Duration.ofDays(30));
    }

    /** A day goes by between two looks at the time. */
    private static RateLimits rates() {
        var nanos = new AtomicLong();
        return RateLimitBuckets.inMemory(
                RATES,
                new TimeMeter() {
                    @Override
                    public long currentTimeNanos() {
                        return nanos.addAndGet(TimeUnit.DAYS.toNanos(1));
                    }

                    @Override
                    public boolean isWallClockBased() {
                        return false;
                    }
                });
    }

    private boolean writeDown(AuditEvent event) {
        audit.add(event);
        return true;
    }

    Serving serving() {
        return serving;
    }

    static Meters meters() {
        return METERS;
    }

    /** Lets everybody in. */
    static Reception reception() {
        return new Reception(
                new ConnectionCounts(10, 10),
                new Unproven(LIMITS::unprovenTime, METERS),
                METERS,
                new TrustedBalancers(List.of()),
                () -> LIMITS,
                () -> false,
                new HandshakesUnderWay(1, 1, METERS));
    }

    /** Reports unless so many requests were let pass, and were written down before. */
    void checkAllowed(int count) {
        long written =
                audit.stream().filter(event -> event.verdict() == AuditEvent.Verdict.ALLOW).count();
        Finding.unless(count <= written, "more went on than was allowed");
    }
}
