package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.RequestHead;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.Permit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the gate checks by itself, before and after it asks who it is and whether they may. On the
 * event loop.
 */
final class GateChecks {
    private static final Set<Reason> CERTIFICATE_REFUSED =
            Set.of(
                    Reason.CERTIFICATE_MISSING,
                    Reason.CERTIFICATE_INVALID,
                    Reason.CERTIFICATE_EXPIRED,
                    Reason.CERTIFICATE_REVOKED,
                    Reason.CERTIFICATE_STATUS_UNKNOWN,
                    Reason.CERTIFICATE_OF_ANOTHER_USER);

    private GateChecks() {}

    /** Before credentials are looked at: why nobody gets an answer to that; null if some may. */
    static Decision.@Nullable Deny ofUnknown(Gate gate, ClientConnection client, RequestHead head) {
        if (gate.overloaded().getAsBoolean()) { // Before it costs us more than this answer.
            return new Decision.Deny(503, Reason.OVERLOADED);
        }
        var wrongHost = hostProblem(gate, client, head);
        if (wrongHost != null) {
            return new Decision.Deny(421, wrongHost);
        }
        var unknown = gate.authenticator().refusal(client.facts());
        if (unknown != null) {
            int status = unknown == Reason.CERTIFICATE_STATUS_UNKNOWN ? 503 : 401;
            return new Decision.Deny(status, unknown);
        }
        return null;
    }

    private static @Nullable Reason hostProblem(
            Gate gate, ClientConnection client, RequestHead head) {
        if (!head.authority().equals(gate.origin().authority())) {
            return Reason.HOST_NOT_OURS;
        }
        var serverName = client.serverName();
        var ours = gate.origin().host();
        boolean otherName =
                serverName != null
                        && !serverName.equals(ours) // As a rule, and quicker.
                        && !serverName.equalsIgnoreCase(ours);
        return otherName ? Reason.SNI_NOT_HOST : null;
    }

    /**
     * Which limit stands in the way of what policy lets pass; null if none does, and then it has
     * its slot: a WebSocket among its user's sockets, anything else among his requests.
     */
    static Decision.@Nullable Deny ofPermitted(
            Gate gate, RequestHead head, Permit permit, UserSlot slot) {
        if (head.bodyLength() > gate.limits().body()) {
            return new Decision.Deny(413, Reason.BODY_TOO_LARGE, permit.principal());
        }
        // Counted at once: many that all wait for the Gateway must not all pass.
        if (head.isWebSocket()) {
            return slot.tryTake(gate.sockets(), permit.user(), gate.limits().socketsPerUser())
                    ? null
                    : new Decision.Deny(429, Reason.TOO_MANY_CONNECTIONS, permit.principal());
        }
        return slot.tryTake(gate.requests(), permit.user(), gate.limits().requestsPerUser())
                ? null
                : new Decision.Deny(429, Reason.TOO_MANY_REQUESTS, permit.principal());
    }

    /** Only another connection can bring another certificate. */
    static boolean needsAnotherConnection(Reason reason) {
        return CERTIFICATE_REFUSED.contains(reason);
    }
}
