package dev.portcullis.metrics;

import dev.portcullis.audit.AuditEvent.Verdict;
import dev.portcullis.audit.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Every metric, one method each. No label ever holds what a client sent, so the number of series is
 * fixed. Any thread; counting allocates nothing and takes no lock. {@code docs/operations.md} lists
 * the names, and a test keeps that list true.
 */
public final class Meters implements AutoCloseable {
    private static final int STATUS_CLASSES = 6;

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final MeterFactory make = new MeterFactory(registry);
    private final Decisions decisions;
    private final Counter[] responses = new Counter[STATUS_CLASSES];
    private final Timer localRequests;
    private final Timer relayedRequests;
    private final EnumTable<Limit, Counter> limitsReached;
    private final EnumTable<Limit, AtomicReference<Double>> limits;
    private final EnumTable<Direction, Counter> bytes;
    private final EnumTable<Direction, Counter> frames;
    private final EnumTable<SignIn, Counter> signIns;
    private final EnumTable<Spoken, Counter> admitted;
    private final EnumTable<Refresh, Counter> refreshes;
    private final Counter connectionsAccepted;
    private final Counter connectionsRefused;
    private final Counter handshakesDone;
    private final Counter handshakesFailed;
    private final Counter webSocketsOpened;
    private final EnumTable<Bucket, Counter> rateLimited;
    private final Counter gatewayConnectsFailed;
    private final Counter reloadsDone;
    private final Counter reloadsRefused;
    private final Counter clockAhead;
    private final Counter clockBack;
    private final LongAdder connections = new LongAdder();
    private final LongAdder webSockets = new LongAdder();
    private final LongAdder gatewayOpen = new LongAdder();
    private final LongAdder gatewayIdle = new LongAdder();

    /**
     * @param version of the build, for {@code portcullis_build_info}
     */
    public Meters(String version) {
        decisions = new Decisions(registry);
        for (int i = 1; i < STATUS_CLASSES; i++) {
            responses[i] =
                    make.counter("portcullis.responses", "Answers by status", "class", i + "xx");
        }
        localRequests = make.timer("local");
        relayedRequests = make.timer("relayed");
        connectionsAccepted =
                make.counter("portcullis.connections.accepted", "Client connections taken");
        connectionsRefused =
                make.counter("portcullis.connections.refused", "Client connections over a limit");
        handshakesDone = make.handshakes("ok");
        handshakesFailed = make.handshakes("failed");
        webSocketsOpened = make.counter("portcullis.websockets.opened", "WebSockets opened");
        rateLimited = new EnumTable<>(Bucket.class, make::rateLimits);
        gatewayConnectsFailed =
                make.counter("portcullis.gateway.connects.failed", "Connects that failed");
        reloadsDone = make.reloads("done");
        reloadsRefused = make.reloads("refused");
        clockAhead = make.clockSteps("ahead");
        clockBack = make.clockSteps("back");
        limitsReached = new EnumTable<>(Limit.class, make::limitReached);
        limits = new EnumTable<>(Limit.class, make::limit);
        bytes = new EnumTable<>(Direction.class, way -> make.relayed("bytes", way));
        frames = new EnumTable<>(Direction.class, way -> make.relayed("frames", way));
        signIns = new EnumTable<>(SignIn.class, make::signIns);
        admitted = new EnumTable<>(Spoken.class, make::admitted);
        refreshes = new EnumTable<>(Refresh.class, make::refreshes);
        make.gauge("portcullis.connections.open", "Client connections open", connections::sum);
        make.gauge("portcullis.websockets.open", "WebSockets open", webSockets::sum);
        make.gatewayGauge("open", gatewayOpen);
        make.gatewayGauge("idle", gatewayIdle);
        ProcessMeters.register(registry, version);
    }

    // ---- requests

    /** One decision, as it stands in the audit log. */
    public void decided(Verdict verdict, Reason reason) {
        decisions.count(verdict, reason);
    }

    /**
     * One answer, whole.
     *
     * @param status 100 to 599
     * @param relayed whether it was the Gateway's
     * @param nanos from the end of the request's head to the end of the answer
     */
    public void answered(int status, boolean relayed, long nanos) {
        responses[Math.clamp(status / 100, 1, STATUS_CLASSES - 1)].increment();
        (relayed ? relayedRequests : localRequests).record(nanos, TimeUnit.NANOSECONDS);
    }

    /** A request was let pass. */
    public void admitted(Spoken spoken) {
        admitted.get(spoken).increment();
    }

    /** Bytes of a body or of WebSocket frames, passed on. */
    public void relayedBytes(Direction direction, long count) {
        bytes.get(direction).increment((double) count);
    }

    /** WebSocket frames, passed on whole. */
    public void relayedFrames(Direction direction, long count) {
        frames.get(direction).increment((double) count);
    }

    /** A request was refused because somebody is too fast. */
    public void rateLimited(Bucket bucket) {
        rateLimited.get(bucket).increment();
        limitReached(bucket.limit());
    }

    /** A limit ended or refused something. */
    public void limitReached(Limit limit) {
        limitsReached.get(limit).increment();
    }

    // ---- client connections

    /** A client connected, within the limits. */
    public void connectionOpened() {
        connectionsAccepted.increment();
        connections.increment();
    }

    /** A client connection that was counted as opened is gone. */
    public void connectionClosed() {
        connections.decrement();
    }

    /** A client connection was closed at once because of that limit. */
    public void connectionRefused(Limit limit) {
        connectionsRefused.increment();
        limitReached(limit);
    }

    /** A TLS handshake ended well. */
    public void handshakeDone() {
        handshakesDone.increment();
    }

    /** A TLS handshake did not come about. */
    public void handshakeFailed() {
        handshakesFailed.increment();
    }

    /** A WebSocket is open: the Gateway's 101 was verified. */
    public void webSocketOpened() {
        webSocketsOpened.increment();
        webSockets.increment();
    }

    /** A WebSocket that was counted as opened is closed. */
    public void webSocketClosed() {
        webSockets.decrement();
    }

    // ---- the Gateway's side

    /** A connection to the Gateway is open; it is busy. */
    public void gatewayOpened() {
        gatewayOpen.increment();
    }

    /** A busy connection to the Gateway is closed. One that idles is taken first. */
    public void gatewayClosed() {
        gatewayOpen.decrement();
    }

    /** A connection to the Gateway went back to the pool. */
    public void gatewayIdled() {
        gatewayIdle.increment();
    }

    /** A connection to the Gateway was taken out of the pool. */
    public void gatewayTaken() {
        gatewayIdle.decrement();
    }

    /** The Gateway could not be connected to. */
    public void gatewayConnectFailed() {
        gatewayConnectsFailed.increment();
    }

    /** Whether the Gateway took the last connection. */
    public void gatewayUp(BooleanSupplier up) {
        make.gauge("portcullis.gateway.up", "1 if the Gateway can be reached", oneIf(up));
    }

    // ---- signing in

    /** A sign-in began or ended. */
    public void signIn(SignIn outcome) {
        signIns.get(outcome).increment();
    }

    /** A session's refresh came to that. */
    public void refresh(Refresh outcome) {
        refreshes.get(outcome).increment();
    }

    /** Whether the identity provider can be reached. */
    public void providerUp(BooleanSupplier up) {
        make.gauge(
                "portcullis.provider.up", "1 if the identity provider can be reached", oneIf(up));
    }

    /** How many sessions there are. */
    public void sessions(LongSupplier count) {
        make.gauge("portcullis.sessions", "Sessions signed in", count::getAsLong);
    }

    /** What the way to Redis says of itself. */
    public void redis(BooleanSupplier up, DoubleSupplier roundTripSeconds, LongSupplier waiting) {
        make.gauge("portcullis.redis.up", "1 if Redis answers", oneIf(up));
        make.gauge(
                "portcullis.redis.round.trip.seconds",
                "What the last ping of Redis took",
                roundTripSeconds);
        make.gauge("portcullis.redis.queue", "Commands without an answer yet", waiting::getAsLong);
    }

    /** How many service tokens machines may come with. */
    public void serviceTokens(IntSupplier count) {
        make.gauge("portcullis.service.tokens", "Service tokens known", count::getAsInt);
    }

    // ---- ourselves

    /** What the audit log says of itself. */
    public void audit(IntSupplier depth, LongSupplier refused, BooleanSupplier healthy) {
        make.gauge("portcullis.audit.queue.depth", "Audit events not yet written", depth::getAsInt);
        make.gauge("portcullis.audit.up", "1 if audit events are being written", oneIf(healthy));
        FunctionCounter.builder("portcullis.audit.refused", refused, LongSupplier::getAsLong)
                .description("Audit events not taken; nothing was forwarded for them")
                .register(registry);
    }

    /** The configured value of a limit: bytes, a count, or seconds. */
    public void limit(Limit limit, double value) {
        limits.get(limit).set(value);
    }

    /** A configuration was taken over, or refused. */
    public void reloaded(boolean done) {
        (done ? reloadsDone : reloadsRefused).increment();
    }

    /** The wall clock jumped ahead, or was set back. */
    public void clockStepped(boolean ahead) {
        (ahead ? clockAhead : clockBack).increment();
    }

    /** Whether the configuration in force is another than the one in its file. */
    public void reloadFailed(BooleanSupplier failed) {
        make.gauge("portcullis.reload.failed", "1 while a refused reload stands", oneIf(failed));
    }

    /** How many settings named {@code insecure-…} are on. */
    public void insecureSettings(IntSupplier count) {
        make.gauge("portcullis.insecure.settings", "Insecure settings in force", count::getAsInt);
    }

    /** Everything, in the Prometheus text format. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }

    private static DoubleSupplier oneIf(BooleanSupplier up) {
        return () -> up.getAsBoolean() ? 1 : 0;
    }
}
