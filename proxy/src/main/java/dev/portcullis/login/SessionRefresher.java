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
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
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
    private static final Duration PACE = Duration.ofSeconds(1);

    /** A piece of work looks at the clock of its own session again by then. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private static final Duration BACK_OFF_MIN = Duration.ofSeconds(5);
    private static final Duration BACK_OFF_MAX = Duration.ofSeconds(60);
    private static final int SLOTS = 16;
    private static final int LOOKS_MAX = 50;
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

    private final Supplier<@Nullable Provider> provider;
    private final SessionEnder ender;
    private final LongSupplier nanoTime;
    private final Meters meters;
    private final Supplier<LimitsConfig> limits;
    private final OffLoop offLoop = new OffLoop("portcullis-refresh", SLOTS);
    private final ConcurrentHashMap<String, Due> due = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Seen> seen = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, CompletableFuture<Optional<Session>>> underWay =
            new ConcurrentHashMap<>();

    private final ConcurrentHashMap<String, UnstoredTokens> unstored = new ConcurrentHashMap<>();

    /** Whether the sessions of before this process were listed, or are just being. */
    private final AtomicBoolean met = new AtomicBoolean();

    /** Of this process's leases: it does one piece of work on a session at a time. */
    private final String holder = SessionSecret.random().expose();

    private volatile boolean closed;

    /**
     * When to look at a session next.
     *
     * @param failures in a row
     */
    private record Due(Instant at, int failures) {}

    /**
     * By how much monotonic time was ahead of the wall clock when that version of a session was
     * first seen: nothing that it says is due becomes due sooner or later when the clock is set.
     */
    private record Seen(long version, Duration ahead) {}

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
        this.nanoTime = nanoTime;
        this.meters = meters;
        this.limits = limits;
    }

    /** Begins, with the sessions that were there before this process. */
    public void start(ScheduledExecutorService timer) {
        meetAll();
        if (!met.get()) {
            LOG.info("sessions of before are looked at once the store answers");
        }
        var _ =
                timer.scheduleWithFixedDelay(
                        this::round, PACE.toMillis(), PACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Until the store tells them all. */
    private void meetAll() {
        if (met.compareAndSet(false, true)) {
            ender.sessions()
                    .list(wall())
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
                due.putIfAbsent(session.reference(), new Due(monotonic(session, refresh.at()), 0));
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
        var refresh = session.refresh();
        if (refresh != null) {
            due.put(session.reference(), new Due(monotonic(session, refresh.at()), 0));
        }
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
        var now = now();
        var at = monotonic(session, refresh.at());
        if (now.isBefore(at)) {
            due.computeIfAbsent(session.reference(), _ -> new Due(at, 0));
            return Freshness.NONE.current(session);
        }
        var refreshing = joined(session.reference(), now);
        if (now.isBefore(monotonic(session, refresh.accessEndsAt()))) {
            return Freshness.NONE.current(session);
        }
        return refreshing == null
                ? CompletableFuture.completedStage(unasked(session, refresh, now))
                : refreshing.exceptionally(_ -> unasked(session, refresh, now));
    }

    /** Where nobody could be asked, for want of a slot too, the grace is all there is. */
    private Optional<Session> unasked(Session session, Session.Refresh refresh, Instant now) {
        return now.isBefore(graceEnd(session, refresh)) ? Optional.of(session) : Optional.empty();
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
            meetAll();
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
        look(reference, mine, 1);
        return mine;
    }

    /** While somebody else in the fleet is at it, no slot is taken between two looks. */
    private void look(String reference, CompletableFuture<Optional<Session>> mine, int looks) {
        offLoop.call(() -> new OneRefresh(this, ender.sessions(), reference).done())
                .whenComplete((outcome, failure) -> {
                    if (looks > 1 && failure instanceof RejectedExecutionException) {
                        lookAgain(reference, mine, looks); // Every slot is taken for a moment.
                        return;
                    }
                    if (failure != null) {
                        ended(reference, mine, failure);
                        return;
                    }
                    switch (outcome) {
                        case OneRefresh.Outcome.Known(var session) -> {
                            underWay.remove(reference, mine);
                            mine.complete(session);
                        }
                        case OneRefresh.Outcome.Elsewhere() -> lookAgain(reference, mine, looks);
                    }
                });
    }

    private void lookAgain(String reference, CompletableFuture<Optional<Session>> mine, int looks) {
        if (looks < LOOKS_MAX && !closed) {
            LATER.execute(() -> look(reference, mine, looks + 1));
        } else {
            ended(reference, mine, new TimeoutException("somebody else is at it for too long"));
        }
    }

    private void ended(
            String reference, CompletableFuture<Optional<Session>> mine, Throwable failure) {
        underWay.remove(reference, mine);
        failed(reference, failure);
        mine.completeExceptionally(failure);
    }

    private void failed(String reference, Throwable failure) {
        if (unstored.containsKey(reference) || failure instanceof TimeoutException) {
            putOff(reference); // Whoever is at it may be gone: nobody waits for him each time.
        } else {
            due.put(reference, new Due(now().plus(PACE), failuresOf(reference)));
        }
        if (!(failure instanceof RejectedExecutionException)) { // Every slot taken: next round.
            LOG.warn("a session could not be refreshed: {}", failure.getMessage());
        }
    }

    private int failuresOf(String reference) {
        var known = due.get(reference);
        return known == null ? 0 : known.failures();
    }

    // --- for one refresh -----------------------------------------------------------------------

    /** Monotonic time, as an instant that means nothing by itself. */
    Instant now() {
        return Instant.EPOCH.plusNanos(nanoTime.getAsLong());
    }

    Instant wall() {
        return ender.clock().instant();
    }

    /** An instant that a session names, in monotonic time. */
    private Instant monotonic(Session session, Instant wall) {
        var known = seen.get(session.reference());
        if (known == null || known.version() < session.version()) {
            known = new Seen(session.version(), Duration.between(wall(), now()));
            seen.put(session.reference(), known);
        }
        return wall.plus(known.ahead());
    }

    boolean isDue(Session session) {
        var refresh = session.refresh();
        return refresh != null && !now().isBefore(monotonic(session, refresh.at()));
    }

    @Nullable Provider provider() {
        return provider.get();
    }

    /** Until when that session goes on if nobody can be asked, in monotonic time. */
    Instant graceEnd(Session session, Session.Refresh refresh) {
        return monotonic(session, refresh.accessEndsAt()).plus(limits.get().refreshGrace());
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
        due.remove(reference);
        seen.remove(reference);
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
        if (failuresOf(session.reference()) == 0) {
            LOG.atWarn()
                    .addKeyValue("session", session.reference())
                    .addKeyValue("why", why)
                    .log("refresh put off: the session goes on for now");
        }
        var now = now();
        if (!now.isBefore(graceEnd(session, refresh))) {
            meters.limitReached(Limit.REFRESH_GRACE);
            return over(session, Reason.PROVIDER_UNAVAILABLE);
        }
        putOff(session.reference());
        return Optional.of(session);
    }

    private void putOff(String reference) {
        int failures = failuresOf(reference) + 1;
        var pause = BACK_OFF_MIN.multipliedBy(1L << Math.min(failures - 1, 4));
        due.put(
                reference,
                new Due(
                        now().plus(pause.compareTo(BACK_OFF_MAX) < 0 ? pause : BACK_OFF_MAX),
                        failures));
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
        offLoop.close(bounds.providerTime().plus(bounds.storeTime()));
        settle(bounds.storeTime());
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
        offLoop.close();
    }

    /** Whoever was interrupted keeps what he has before he ends. */
    private void settle(Duration patience) {
        var _ =
                CompletableFuture.allOf(underWay.values().toArray(CompletableFuture[]::new))
                        .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                        .handle((_, _) -> true)
                        .join();
    }
}
