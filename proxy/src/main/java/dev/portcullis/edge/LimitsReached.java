package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;

/** Which limit stands behind a refusal, so that an operator sees which one to look at. */
final class LimitsReached {
    private LimitsReached() {}

    static void count(Meters meters, Reason reason) {
        switch (reason) {
            case HEAD_TOO_LARGE -> meters.limitReached(Limit.HEAD);
            case HEAD_TIMEOUT -> meters.limitReached(Limit.HEAD_TIME);
            case BODY_TOO_LARGE -> meters.limitReached(Limit.BODY);
            case BODY_TIMEOUT -> meters.limitReached(Limit.BODY_IDLE);
            case TOO_MANY_REQUESTS -> meters.limitReached(Limit.REQUESTS_PER_USER);
            case TOO_MANY_CONNECTIONS -> meters.limitReached(Limit.SOCKETS_PER_USER);
            case OVERLOADED -> meters.limitReached(Limit.MEMORY);
            case AUDIT_UNAVAILABLE -> meters.limitReached(Limit.AUDIT_QUEUE);
            case GATEWAY_TIMEOUT -> meters.limitReached(Limit.ANSWER_TIME);
            default -> {} // Not a limit.
        }
    }
}
