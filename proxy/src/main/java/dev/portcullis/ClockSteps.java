package dev.portcullis;

import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.AuditLog;
import dev.portcullis.audit.Reason;
import dev.portcullis.metrics.Meters;
import dev.portcullis.session.LiveConnections;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a step of the wall clock means. Sessions, sign-ins, timeouts and rate limits do not notice:
 * they are measured in monotonic time. What ends at an instant of the wall clock, such as a token,
 * a certificate or a grant, is over at once if the clock jumped past it; a clock that was set back
 * moves no end of what is open.
 */
record ClockSteps(AuditLog audit, Meters meters, LiveConnections live, InstantSource clock) {
    private static final Logger LOG = LoggerFactory.getLogger(ClockSteps.class);

    /**
     * The clock was set.
     *
     * @param step by how much; less than nothing when it was set back
     */
    void stepped(Duration step) {
        boolean ahead = step.isPositive();
        LOG.atWarn()
                .addKeyValue("millis", step.toMillis())
                .log(ahead ? "the clock jumped ahead" : "the clock was set back");
        meters.clockStepped(ahead);
        var reason = ahead ? Reason.CLOCK_AHEAD : Reason.CLOCK_BACK;
        var _ =
                audit.accept(
                        AuditEvent.ofProcess(
                                clock.instant(),
                                AuditEvent.Kind.CLOCK,
                                AuditEvent.Verdict.DONE,
                                reason));
        if (ahead) {
            live.judgeAgain();
        }
    }
}
