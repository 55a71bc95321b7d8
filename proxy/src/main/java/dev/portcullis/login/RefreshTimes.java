package dev.portcullis.login;

import dev.portcullis.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * When the provider is asked about each signed-in person again. In monotonic time: nothing becomes
 * due sooner or later when the clock is set. Any thread.
 */
final class RefreshTimes {
    /** How often it is looked what is due. */
    static final Duration PACE = Duration.ofSeconds(1);

    /** A piece of work looks at the clock of its own session again by then. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private static final Duration BACK_OFF_MIN = Duration.ofSeconds(5);
    private static final Duration BACK_OFF_MAX = Duration.ofSeconds(60);

    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Supplier<Duration> grace;
    private final ConcurrentHashMap<String, Due> due = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Seen> seen = new ConcurrentHashMap<>();

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
     * @param nanoTime monotonic time, such as {@code System::nanoTime}
     * @param clock wall-clock time
     * @param grace how long a session goes on after its access ended, while nobody can be asked
     */
    RefreshTimes(LongSupplier nanoTime, InstantSource clock, Supplier<Duration> grace) {
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.grace = grace;
    }

    /** Monotonic time, as an instant that means nothing by itself. */
    Instant now() {
        return Instant.EPOCH.plusNanos(nanoTime.getAsLong());
    }

    Instant wall() {
        return clock.instant();
    }

    /** An instant that a session names, in monotonic time. */
    Instant monotonic(Session session, Instant wall) {
        var known = seen.get(session.reference());
        if (known == null || known.version() < session.version()) {
            known = new Seen(session.version(), Duration.between(wall(), now()));
            seen.put(session.reference(), known);
        }
        return wall.plus(known.ahead());
    }

    /** Until when that session goes on if nobody can be asked, in monotonic time. */
    Instant graceEnd(Session session, Session.Refresh refresh) {
        return monotonic(session, refresh.accessEndsAt()).plus(grace.get());
    }

    boolean isDue(Session session) {
        var refresh = session.refresh();
        return refresh != null && !now().isBefore(monotonic(session, refresh.at()));
    }

    /** Each one that it is time to look at. */
    void forEachDue(Consumer<String> look) {
        var now = now();
        due.forEach((reference, when) -> {
            if (!when.at().isAfter(now)) {
                look.accept(reference);
            }
        });
    }

    /** Whether a failed one waits for its next try. */
    boolean waits(String reference, Instant now) {
        var known = due.get(reference);
        return known != null && known.failures() > 0 && known.at().isAfter(now);
    }

    /** How often in a row nobody could say anything about that one. */
    int failuresOf(String reference) {
        var known = due.get(reference);
        return known == null ? 0 : known.failures();
    }

    /** From now on it is time for that session when it says so. */
    void watch(Session session) {
        var refresh = session.refresh();
        if (refresh != null) {
            due.put(session.reference(), new Due(monotonic(session, refresh.at()), 0));
        }
    }

    /** It is time for that one then, unless another time is known. */
    void meet(String reference, Instant at) {
        due.computeIfAbsent(reference, _ -> new Due(at, 0));
    }

    /** Somebody is at it: that takes a while. */
    void begun(String reference) {
        due.put(reference, new Due(now().plus(LOOK_AGAIN), failuresOf(reference)));
    }

    /** The next round tries again. */
    void nextRound(String reference) {
        due.put(reference, new Due(now().plus(PACE), failuresOf(reference)));
    }

    /** Tried again, less and less often. */
    void putOff(String reference) {
        int failures = failuresOf(reference) + 1;
        var pause = BACK_OFF_MIN.multipliedBy(1L << Math.min(failures - 1, 4));
        due.put(
                reference,
                new Due(
                        now().plus(pause.compareTo(BACK_OFF_MAX) < 0 ? pause : BACK_OFF_MAX),
                        failures));
    }

    /** There is no such session any more. */
    void forget(String reference) {
        due.remove(reference);
        seen.remove(reference);
    }
}
