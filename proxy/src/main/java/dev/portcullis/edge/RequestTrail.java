package dev.portcullis.edge;

import com.github.benmanes.caffeine.cache.Interner;
import dev.portcullis.access.UserName;
import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.AuditEvent.Kind;
import dev.portcullis.audit.AuditEvent.Verdict;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Principal;
import dev.portcullis.metrics.Spoken;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.Permit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is written down about one request: the audit line of its decision, and its meters. On the
 * event loop.
 */
final class RequestTrail {
    private static final Logger LOG = LoggerFactory.getLogger(RequestTrail.class);
    private static final Interner<RequestHead> OPEN_SOCKETS = Interner.newWeakInterner();

    private final Gate gate;
    private final ClientConnection client;
    private @Nullable RequestHead head;
    private final long id = RequestIds.next();
    private @Nullable String requestId;
    private final long startedNanos = System.nanoTime();
    private @Nullable Permit permit;

    /**
     * @param head null if it was never understood
     */
    RequestTrail(Gate gate, ClientConnection client, @Nullable RequestHead head) {
        this.gate = gate;
        this.client = client;
        this.head = head;
    }

    /** The name of the request on its answer and in every line about it. */
    String requestId() {
        var name = requestId;
        if (name == null) {
            name = RequestIds.name(id);
            requestId = name;
        }
        return name;
    }

    /** The request, or what is kept of it; null if it was never understood. */
    @Nullable RequestHead head() {
        return head;
    }

    /** It may pass: false if that could not be written down, and then it may not. */
    boolean allowed(Permit permit) {
        this.permit = permit;
        gate.meters().admitted(spoken());
        boolean emergency = permit.principal().means() == Principal.Means.BREAK_GLASS;
        if (emergency) {
            LOG.atWarn()
                    .addKeyValue("user", permit.user().value())
                    .addKeyValue("certificate", permit.principal().handle())
                    .addKeyValue("client", client.remote())
                    .addKeyValue("request", requestId())
                    .log("break-glass certificate used");
        }
        var reason = emergency ? Reason.BREAK_GLASS : Reason.ALLOWED;
        return decided(Verdict.ALLOW, reason, Who.of(permit), 0);
    }

    private Spoken spoken() {
        boolean socket = head != null && head.isWebSocket();
        return head != null && head.protocol() == RequestHead.Protocol.HTTP_2
                ? (socket ? Spoken.HTTP2_SOCKET : Spoken.HTTP2)
                : (socket ? Spoken.HTTP1_SOCKET : Spoken.HTTP1);
    }

    /** It may not, by what a permit does not cover: a limit, the audit. */
    void denied(Decision.Deny limit, Permit permit) {
        decided(Verdict.DENY, limit.reason(), Who.of(permit), limit.status());
    }

    /** It may not. */
    void denied(Decision.Deny deny) {
        decided(Verdict.DENY, deny.reason(), Who.of(deny.principal()), deny.status());
    }

    /** It may not now; who asks is known only if a permit says so. */
    void tooFast(Reason reason, @Nullable Permit permit) {
        decided(Verdict.DENY, reason, Who.of(permit), 429);
    }

    /** The browser is sent to sign in. */
    void challenged(Reason reason) {
        decided(Verdict.CHALLENGE, reason, Who.UNKNOWN, 302);
    }

    /** One of our own routes answered. */
    void answeredByUs(int status) {
        decided(Verdict.DONE, Reason.OWN_PAGE, Who.UNKNOWN, status);
    }

    /** Whether it was let pass. */
    boolean isAllowed() {
        return permit != null;
    }

    /**
     * It was let pass, and the Gateway's answer is none, or not a whole one.
     *
     * @param status of our answer; 0 if there is none
     */
    void failed(Reason reason, int status) {
        decided(Verdict.DONE, reason, Who.of(permit), status);
    }

    /** The same, for a client that does not read it, which is counted where it was found. */
    void cut(Reason reason) {
        gate.meters().decided(Verdict.DONE, reason);
        write(Kind.REQUEST, Verdict.DONE, reason, Who.of(permit), 0);
    }

    /**
     * Its WebSocket is open, and perhaps for hours: of the head only what that is judged by is
     * kept, once for all whose heads are alike, and nothing that can be made again.
     */
    void socketOpened() {
        head = OPEN_SOCKETS.intern(Objects.requireNonNull(head).ofOpenSocket());
        requestId = null;
        client.letGo();
    }

    /** Its WebSocket is closed. */
    void socketClosed(Reason reason) {
        write(Kind.SOCKET_CLOSE, Verdict.DONE, reason, Who.of(permit), 0);
    }

    /** The answer is out. */
    void answered(int status, boolean relayed) {
        gate.meters().answered(status, relayed, System.nanoTime() - startedNanos);
    }

    private boolean decided(Verdict verdict, Reason reason, Who who, int status) {
        gate.meters().decided(verdict, reason);
        LimitsReached.count(gate.meters(), reason);
        var kind = head != null && head.isWebSocket() ? Kind.UPGRADE : Kind.REQUEST;
        return write(kind, verdict, reason, who, status);
    }

    private boolean write(Kind kind, Verdict verdict, Reason reason, Who who, int status) {
        var user = who.user();
        var principal = who.principal();
        return gate.audit()
                .accept(
                        new AuditEvent(
                                gate.clock().instant(),
                                kind,
                                verdict,
                                reason,
                                requestId(),
                                client.remote(),
                                user == null ? null : user.value(),
                                who.role(),
                                principal == null ? null : principal.means().label(),
                                principal == null ? null : principal.handle(),
                                head == null ? null : head.method().name(),
                                head == null ? null : head.target().path(),
                                status));
    }

    /**
     * Of whom a line tells.
     *
     * @param role as what he was allowed
     * @param principal what proved it
     */
    private record Who(
            @Nullable UserName user, @Nullable String role, @Nullable Principal principal) {
        static final Who UNKNOWN = new Who(null, null, null);

        static Who of(@Nullable Principal principal) {
            return principal == null ? UNKNOWN : new Who(principal.user(), null, principal);
        }

        static Who of(@Nullable Permit permit) {
            return permit == null
                    ? UNKNOWN
                    : new Who(permit.user(), permit.roleName(), permit.principal());
        }
    }
}
