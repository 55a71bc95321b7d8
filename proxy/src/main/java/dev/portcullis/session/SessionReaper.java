package dev.portcullis.session;

import dev.portcullis.audit.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what has outlived its lifetime: a session that nobody asks for any more still holds sockets,
 * and those must close within a second of its end.
 */
public final class SessionReaper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionReaper.class);
    private static final Duration PACE = Duration.ofMillis(250);

    private final SessionStore sessions;
    private final SessionEnder ender;
    private final InstantSource clock;
    private final ScheduledFuture<?> pace;

    private SessionReaper(SessionEnder ender, ScheduledExecutorService scheduler) {
        this.sessions = ender.sessions();
        this.ender = ender;
        this.clock = ender.clock();
        this.pace =
                scheduler.scheduleWithFixedDelay(
                        this::reap, PACE.toMillis(), PACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Begins, four times a second.
     *
     * @param scheduler one thread of ours, not an event loop; left running by {@link #close}
     */
    public static SessionReaper start(SessionEnder ender, ScheduledExecutorService scheduler) {
        return new SessionReaper(ender, scheduler);
    }

    /** One round. Whatever goes wrong, the next round comes. */
    void reap() {
        try {
            var now = clock.instant();
            sessions.removeExpired(now).whenComplete((ended, failure) -> end(now, ended, failure));
        } catch (RuntimeException failure) {
            LOG.error("expired sessions could not be looked for", failure);
        }
    }

    private void end(Instant now, List<Session> ended, @Nullable Throwable failure) {
        if (failure != null) {
            LOG.warn("expired sessions could not be taken out: the store is out of reach");
            return;
        }
        for (var session : ended) {
            var reason =
                    session.endsAt().isAfter(now) ? Reason.SESSION_IDLE : Reason.SESSION_EXPIRED;
            ender.ended(session, reason);
        }
    }

    @Override
    public void close() {
        pace.cancel(false);
    }
}
