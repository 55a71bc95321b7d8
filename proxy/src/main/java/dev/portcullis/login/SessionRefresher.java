package dev.portcullis.login;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import dev.portcullis.metrics.Refresh;
import dev.portcullis.runtime.OffLoop;
import dev.portcullis.session.Freshness;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionEnder;
import dev.portcullis.session.SessionSecret;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the provider about every signed-in person again before what it said runs out, used or not:
 * who is disabled there is out here, whose groups changed gets what they grant now. However many
 * ask, one refresh of a session is under way in the whole fleet. Any thread.
 */
public final class SessionRefresher implements Freshness, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionRefresher.class);

    private final Supplier<@Nullable Provider> provider;
    private final SessionEnder ender;
    private final RefreshTimes times;
    private final Meters meters;
    private final Supplier<LimitsConfig> limits;
    private final RefreshesUnderWay underWay;
    private final ConcurrentHashMap<String, UnstoredTokens> unstored = new ConcurrentHashMap<>();

    /** Whether the sessions of before this process were listed, or are just being. */
    private final AtomicBoolean met = new AtomicBoolean();

    /** Of this process's leases: it does one piece of work on a session at a time. */
    private final String holder = SessionSecret.random().expose();

    private boolean closed;

    /**
     * @param provider the one of the moment, or null where nobody can sign in
     * @param nanoTime monotonic time, such as {@code System::nanoTime}
     * @param limits above all how long a session goes on after its access ended, while nobody can
     *     be asked
     */
    public SessionRefresher(
            Supplier<@Nullable Provider> provider,
            SessionEnder ender,
            LongSupplier nanoTime,
            Meters meters,
            Supplier<LimitsConfig> limits) {
        this.provider = provider;
        this.ender = ender;
        this.times = new RefreshTimes(nanoTime, ender.clock(), () -> limits.get().refreshGrace());
        this.meters = meters;
        this.limits = limits;
        this.underWay =
                new RefreshesUnderWay(
                        times,
                        reference -> new OneRefresh(this, ender.sessions(), reference),
                        this::failed);
    }

    /** Begins, with the sessions that were there before this process. */
    public void start(ScheduledExecutorService timer) {
        meetAll();
        if (!met.get()) {
            LOG.info("sessions of before are looked at once the store answers");
        }
        long pace = RefreshTimes.PACE.toMillis();
        var _ = timer.scheduleWithFixedDelay(this::round, pace, pace, TimeUnit.MILLISECONDS);
    }

    /** Until the store tells them all. */
    private void meetAll() {
        if (met.compareAndSet(false, true)) {
            ender.sessions()
                    .list(times.wall())
                    .whenComplete((found, failure) -> {
                        if (failure == null) {
                            found.forEach(listed -> meet(listed.session()));
                        } else {
                            met.set(false);
                        }
                    });
        }
    }

    private void meet(Session session) {
        var refresh = session.refresh();
        if (isVouchedFor(session)) {
            if (refresh != null) {
                times.meet(session.reference(), times.monotonic(session, refresh.at()));
            }
        } else {
            endFormer(session);
        }
    }

    /** Nobody can be asked about somebody whom an issuer signed in that is not configured. */
    private boolean isVouchedFor(Session session) {
        var now = provider();
        return now != null && now.vouchesFor(session);
    }

    private void endFormer(Session session) {
        ender.end(session.reference(), Reason.ACCESS_CHANGED)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.warn("a session of a former issuer stays in the store: it is away");
                    }
                });
    }

    /** From now on this session is refreshed when it is time. */
    public void watch(Session session) {
        times.watch(session);
    }

    @Override
    public CompletionStage<Optional<Session>> current(Session session) {
        if (!isVouchedFor(session)) {
            endFormer(session);
            return CompletableFuture.completedStage(Optional.empty());
        }
        var refresh = session.refresh();
        if (refresh == null) {
            return Freshness.NONE.current(session);
        }
        var now = times.now();
        var at = times.monotonic(session, refresh.at());
        if (now.isBefore(at)) {
            times.meet(session.reference(), at);
            return Freshness.NONE.current(session);
        }
        var refreshing = underWay.joined(session.reference(), now);
        if (now.isBefore(times.monotonic(session, refresh.accessEndsAt()))) {
            return Freshness.NONE.current(session);
        }
        return refreshing == null
                ? CompletableFuture.completedStage(unasked(session, refresh, now))
                : refreshing.exceptionally(_ -> unasked(session, refresh, now));
    }

    /** Where nobody could be asked, for want of a slot too, the grace is all there is. */
    private Optional<Session> unasked(Session session, Session.Refresh refresh, Instant now) {
        return now.isBefore(times.graceEnd(session, refresh))
                ? Optional.of(session)
                : Optional.empty();
    }

    /** One round over what is due. Whatever goes wrong, the next round comes. */
    void round() {
        try {
            meetAll();
            times.forEachDue(reference -> {
                var _ = underWay.begun(reference);
            });
        } catch (RuntimeException failure) {
            LOG.error("sessions could not be looked at for their refresh", failure);
        }
    }

    private void failed(String reference, Throwable failure) {
        if (unstored.containsKey(reference) || failure instanceof TimeoutException) {
            times.putOff(reference); // Whoever is at it may be gone: nobody waits each time.
        } else {
            times.nextRound(reference);
        }
        if (!(failure instanceof RejectedExecutionException)) { // Every slot taken: next round.
            LOG.warn("a session could not be refreshed: {}", failure.getMessage());
        }
    }

    // --- for one refresh -----------------------------------------------------------------------

    RefreshTimes times() {
        return times;
    }

    @Nullable Provider provider() {
        return provider.get();
    }

    String holder() {
        return holder;
    }

    /** What the store did not take yet, or null. */
    @Nullable UnstoredTokens unstored(String reference) {
        return unstored.get(reference);
    }

    /** The store did not take these: tried again, less and less often. */
    void unstored(String reference, UnstoredTokens tokens) {
        unstored.put(reference, tokens);
    }

    /** They are stored, or of no use any more. */
    void noLongerUnstored(String reference) {
        unstored.remove(reference);
    }

    /** What is open goes on only if it would under what is said now. */
    void judgeAgain(Session changed) {
        ender.connections().judgeAgain(changed.principal());
    }

    /** New tokens are stored, and so is what they say. */
    Optional<Session> refreshed(Session session) {
        meters.refresh(Refresh.DONE);
        watch(session);
        return Optional.of(session);
    }

    /** There is no such session any more. */
    void forget(String reference) {
        times.forget(reference);
        unstored.remove(reference);
    }

    /** The provider says no, or something on which nobody can stand: over. */
    Optional<Session> refused(Session session, String why) {
        meters.refresh(Refresh.REFUSED);
        LOG.atInfo()
                .addKeyValue("session", session.reference())
                .addKeyValue("why", why)
                .log("refresh refused: the session ends");
        return over(session, Reason.REFRESH_REFUSED);
    }

    /** Nobody could say anything: tried again, less and less often, until the grace is over. */
    Optional<Session> troubled(Session session, Session.Refresh refresh, String why) {
        meters.refresh(Refresh.PUT_OFF);
        if (times.failuresOf(session.reference()) == 0) {
            LOG.atWarn()
                    .addKeyValue("session", session.reference())
                    .addKeyValue("why", why)
                    .log("refresh put off: the session goes on for now");
        }
        if (!times.now().isBefore(times.graceEnd(session, refresh))) {
            meters.limitReached(Limit.REFRESH_GRACE);
            return over(session, Reason.PROVIDER_UNAVAILABLE);
        }
        times.putOff(session.reference());
        return Optional.of(session);
    }

    private Optional<Session> over(Session session, Reason reason) {
        var _ = StoreUnavailableException.await(ender.end(session.reference(), reason));
        forget(session.reference());
        return Optional.empty();
    }

    /**
     * Begins no more, and lets what is under way end: what the provider gives, it gives once, and
     * the store is offered it a last time. Blocks, for one exchange with the provider and three
     * with the store at most. Once.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        var bounds = limits.get();
        underWay.close(bounds.providerTime().plus(bounds.storeTime()), bounds.storeTime());
        var last = new OffLoop("portcullis-refresh-last", Math.max(1, unstored.size()));
        unstored.keySet()
                .forEach(reference ->
                        last.call(() -> new OneRefresh(this, ender.sessions(), reference).last()));
        last.close(bounds.storeTime());
        if (!unstored.isEmpty()) {
            LOG.error("new tokens of {} sessions are lost: the store is away", unstored.size());
        }
    }

    /** Gives up what the provider is being asked, so that a {@link #close} only stores. */
    public void hurry() {
        underWay.hurry();
    }
}
