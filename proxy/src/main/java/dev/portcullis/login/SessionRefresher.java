package dev.portcullis.login;

import dev.portcullis.audit.Reason;
import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import dev.portcullis.metrics.Refresh;
import dev.portcullis.runtime.OffLoop;
import dev.portcullis.session.Freshness;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionEnder;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
    private static final Duration PACE = Duration.ofSeconds(1);

    /** A piece of work looks at the clock of its own session again by then. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private static final Duration BACK_OFF_MIN = Duration.ofSeconds(5);
    private static final Duration BACK_OFF_MAX = Duration.ofSeconds(60);
    private static final int SLOTS = 16;

    private final Supplier<@Nullable Provider> provider;
    private final SessionEnder ender;
    private final Meters meters;
    private final Supplier<Duration> grace;
    private final OffLoop offLoop = new OffLoop("portcullis-refresh", SLOTS);
    private final ConcurrentHashMap<String, Due> due = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, CompletableFuture<Optional<Session>>> underWay =
            new ConcurrentHashMap<>();

    /**
     * When to look at a session next.
     *
     * @param failures in a row
     */
    private record Due(Instant at, int failures) {}

    /**
     * @param provider the one of the moment, or null where nobody can sign in
     * @param grace how long a session goes on after its access ended, while nobody can be asked
     */
    public SessionRefresher(
            Supplier<@Nullable Provider> provider,
            SessionEnder ender,
            Meters meters,
            Supplier<Duration> grace) {
        this.provider = provider;
        this.ender = ender;
        this.meters = meters;
        this.grace = grace;
    }

    /** Begins, with the sessions that were there before this process. */
    public void start(ScheduledExecutorService timer) {
        ender.sessions()
                .list(now())
                .whenComplete((found, failure) -> {
                    if (failure == null) {
                        found.forEach(listed -> watch(listed.session()));
                    } else {
                        LOG.warn("sessions are refreshed once they are used: the store is away");
                    }
                });
        var _ =
                timer.scheduleWithFixedDelay(
                        this::round, PACE.toMillis(), PACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** From now on this session is refreshed when it is time. */
    public void watch(Session session) {
        var refresh = session.refresh();
        if (refresh != null) {
            due.put(session.reference(), new Due(refresh.at(), 0));
        }
    }

    @Override
    public CompletionStage<Optional<Session>> current(Session session) {
        var refresh = session.refresh();
        if (refresh == null) {
            return Freshness.NONE.current(session);
        }
        var now = now();
        if (now.isBefore(refresh.at())) {
            due.computeIfAbsent(session.reference(), _ -> new Due(refresh.at(), 0));
            return Freshness.NONE.current(session);
        }
        var refreshing = joined(session.reference(), now);
        if (now.isBefore(refresh.accessEndsAt())) {
            return Freshness.NONE.current(session);
        }
        return refreshing == null
                ? CompletableFuture.completedStage(unasked(session, refresh, now))
                : refreshing.exceptionally(_ -> unasked(session, refresh, now));
    }

    /** Where nobody could be asked, for want of a slot too, the grace is all there is. */
    private Optional<Session> unasked(Session session, Session.Refresh refresh, Instant now) {
        return now.isBefore(refresh.accessEndsAt().plus(grace.get()))
                ? Optional.of(session)
                : Optional.empty();
    }

    /** The refresh under way or a new one; null while a failed one waits for its next try. */
    private @Nullable CompletionStage<Optional<Session>> joined(String reference, Instant now) {
        var known = due.get(reference);
        boolean waits = known != null && known.failures() > 0 && known.at().isAfter(now);
        var running = underWay.get(reference);
        return running != null ? running : waits ? null : begun(reference);
    }

    /** One round over what is due. Whatever goes wrong, the next round comes. */
    void round() {
        try {
            var now = now();
            due.forEach((reference, when) -> {
                if (!when.at().isAfter(now)) {
                    var _ = begun(reference);
                }
            });
        } catch (RuntimeException failure) {
            LOG.error("sessions could not be looked at for their refresh", failure);
        }
    }

    private CompletableFuture<Optional<Session>> begun(String reference) {
        var mine = new CompletableFuture<Optional<Session>>();
        var running = underWay.putIfAbsent(reference, mine);
        if (running != null) {
            return running;
        }
        int failures = failuresOf(reference);
        due.put(reference, new Due(now().plus(LOOK_AGAIN), failures));
        offLoop.call(() -> new OneRefresh(this, ender.sessions(), reference).done())
                .whenComplete((outcome, failure) -> {
                    underWay.remove(reference, mine);
                    if (failure == null) {
                        mine.complete(outcome);
                    } else {
                        failed(reference, failure);
                        mine.completeExceptionally(failure);
                    }
                });
        return mine;
    }

    private void failed(String reference, Throwable failure) {
        due.put(reference, new Due(now().plus(PACE), failuresOf(reference)));
        if (!(failure instanceof RejectedExecutionException)) { // Every slot taken: next round.
            LOG.warn("a session could not be refreshed: {}", failure.getMessage());
        }
    }

    private int failuresOf(String reference) {
        var known = due.get(reference);
        return known == null ? 0 : known.failures();
    }

    // --- for one refresh -----------------------------------------------------------------------

    Instant now() {
        return ender.clock().instant();
    }

    @Nullable Provider provider() {
        return provider.get();
    }

    /** What is open goes on only if it would under what is said now. */
    void judgeAgain(Session changed) {
        ender.connections().judgeAgain(changed.principal());
    }

    /** New tokens are stored. */
    void refreshed(Session session) {
        meters.refresh(Refresh.DONE);
        watch(session);
    }

    /** There is no such session any more. */
    void forget(String reference) {
        due.remove(reference);
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
        int failures = failuresOf(session.reference()) + 1;
        if (failures == 1) {
            LOG.atWarn()
                    .addKeyValue("session", session.reference())
                    .addKeyValue("why", why)
                    .log("refresh put off: the session goes on for now");
        }
        var now = now();
        if (!now.isBefore(refresh.accessEndsAt().plus(grace.get()))) {
            meters.limitReached(Limit.REFRESH_GRACE);
            return over(session, Reason.PROVIDER_UNAVAILABLE);
        }
        var pause = BACK_OFF_MIN.multipliedBy(1L << Math.min(failures - 1, 4));
        due.put(
                session.reference(),
                new Due(
                        now.plus(pause.compareTo(BACK_OFF_MAX) < 0 ? pause : BACK_OFF_MAX),
                        failures));
        return Optional.of(session);
    }

    private Optional<Session> over(Session session, Reason reason) {
        var _ = StoreUnavailableException.await(ender.end(session.reference(), reason));
        forget(session.reference());
        return Optional.empty();
    }

    /** Stops. What is under way is interrupted. */
    @Override
    public void close() {
        offLoop.close();
    }
}
