package dev.portcullis.state;

import dev.portcullis.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * A session as it stands in a {@link SessionTable}, and under which deadline the reaper will look
 * at it. Any thread; what the table guards by its lock says so.
 */
final class SessionEntry {
    private static final int SAVES_PER_IDLE = 20;

    private final LongSupplier nanoTime;
    final String key;
    volatile Session session;

    /** In wall-clock time, for whoever keeps it and shows it. */
    volatile Instant lastUsed;

    private final long endsNanos;
    private volatile long usedNanos;

    /**
     * From which use on the kept record is too old: a twentieth of the idle lifetime later than it
     * says.
     */
    volatile long saveFromMillis;

    /** When the shared store was asked last, in nanoseconds; for stores that have one. */
    volatile long checkedNanos;

    /** Since when the shared store does not answer for this one, in nanoseconds; 0 if it does. */
    private volatile long unansweredNanos;

    /**
     * Never later than the true deadline: using a session moves only the true one. Guarded by the
     * table.
     */
    long queuedForNanos;

    /**
     * @param nanoTime monotonic time, such as {@code System::nanoTime}
     */
    SessionEntry(
            String key, Session session, Instant lastUsed, Instant now, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        long nanos = nanoTime.getAsLong();
        this.key = key;
        this.session = session;
        this.lastUsed = lastUsed;
        this.usedNanos = nanos - age(lastUsed, now);
        this.endsNanos = nanos + left(now).toNanos();
        this.queuedForNanos = deadlineNanos();
        savedAt(lastUsed);
    }

    private static long age(Instant used, Instant now) {
        return now.isAfter(used) ? Duration.between(used, now).toNanos() : 0;
    }

    /** A clock that was set back since the session was kept does not give it more than all. */
    private Duration left(Instant now) {
        return Duration.between(
                now.isBefore(session.startedAt()) ? session.startedAt() : now, session.endsAt());
    }

    /** The shared store has answered. */
    void checkedAt(long nanos) {
        checkedNanos = nanos;
        unansweredNanos = 0;
    }

    /** The shared store has not answered, again; for how long. */
    Duration unansweredFor(long nanos) {
        if (unansweredNanos == 0) {
            unansweredNanos = nanos == 0 ? 1 : nanos;
        }
        return Duration.ofNanos(nanos - unansweredNanos);
    }

    /** The kept record says so now, or is about to. */
    void savedAt(Instant use) {
        saveFromMillis = use.toEpochMilli() + session.idle().toMillis() / SAVES_PER_IDLE;
    }

    /** Whether the kept record tells of an earlier use than the last. */
    boolean isBehind() {
        return lastUsed.toEpochMilli()
                > saveFromMillis - session.idle().toMillis() / SAVES_PER_IDLE;
    }

    /** Whether the kept record is far behind; then it is taken to be written. */
    boolean wantsSaving() {
        var use = lastUsed;
        long early = saveFromMillis - use.toEpochMilli();
        long every = session.idle().toMillis() / SAVES_PER_IDLE;
        if (early > 0 && early <= 2 * every) { // More only if the clock was set back.
            return false;
        }
        savedAt(use);
        return true;
    }

    /** When it is over by what is known now. */
    long deadlineNanos() {
        long idle = usedNanos + session.idle().toNanos();
        return idle - endsNanos < 0 ? idle : endsNanos;
    }

    boolean lives() {
        return nanoTime.getAsLong() - deadlineNanos() < 0;
    }

    /** Marked as used, if it lives. */
    boolean use(Instant now) {
        long nanos = nanoTime.getAsLong();
        if (nanos - deadlineNanos() >= 0) {
            return false;
        }
        usedNanos = nanos;
        lastUsed = now;
        return true;
    }

    /** What was said elsewhere: never taken back to an earlier use. */
    void usedElsewhere(Instant used, Instant now) {
        long then = nanoTime.getAsLong() - age(used, now);
        if (used.isAfter(lastUsed) && then - deadlineNanos() < 0) {
            lastUsed = used;
            usedNanos = then - usedNanos > 0 ? then : usedNanos;
        }
    }

    /** Whether no use elsewhere can make it live on. */
    boolean isPastItsEnd() {
        return nanoTime.getAsLong() - endsNanos >= 0;
    }
}
