package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.WebSocketHandshake;
import dev.portcullis.login.ReturnTarget;
import dev.portcullis.metrics.Limit;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.Permit;
import dev.portcullis.policy.RateLimit;
import dev.portcullis.session.SessionCookie;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers of the gate to what may not pass, each written down before it goes out. On the event
 * loop.
 */
final class Denials {
    /** What a client that spoke another one is told (RFC 6455 §4.4). */
    private static final Fields VERSION =
            Fields.of(List.of(new Field("sec-websocket-version", WebSocketHandshake.VERSION)));

    private Denials() {}

    /** Policy says no. */
    static LocalResponse of(Gate gate, RequestTrail trail, Decision.Deny deny) {
        trail.denied(deny);
        var kind = PageKinds.of(deny.status(), deny.reason());
        var page = gate.pages().error(kind, trail.head(), trail.requestId(), deny.user());
        return isDeadSession(deny.reason()) ? withoutCookie(page) : page;
    }

    /** It does not matter who it is, or not even what was asked for. */
    static LocalResponse plain(Gate gate, RequestTrail trail, Decision.Deny deny) {
        trail.denied(deny);
        var page = page(gate, trail, deny.status(), deny.reason());
        return deny.reason() == Reason.UPGRADE_MALFORMED ? page.with(VERSION) : page;
    }

    /** A limit stands in the way of what policy lets pass. */
    static LocalResponse limited(
            Gate gate, RequestTrail trail, Decision.Deny limit, Permit permit) {
        trail.denied(limit, permit);
        return page(gate, trail, limit.status(), limit.reason());
    }

    /** What policy lets pass could not be written down. */
    static LocalResponse unaudited(Gate gate, RequestTrail trail) {
        gate.meters().limitReached(Limit.AUDIT_QUEUE);
        return page(gate, trail, 503, Reason.AUDIT_UNAVAILABLE);
    }

    /** It was let pass, and the Gateway gave no answer. */
    static LocalResponse noAnswer(Gate gate, RequestTrail trail, int status, Reason reason) {
        trail.failed(reason, status);
        return page(gate, trail, status, reason);
    }

    private static LocalResponse page(Gate gate, RequestTrail trail, int status, Reason reason) {
        return gate.pages().error(PageKinds.of(status, reason), trail.head(), trail.requestId());
    }

    /**
     * 429 with what the client needs to behave: {@code Retry-After} (RFC 9110 §10.2.3), {@code
     * RateLimit} and {@code RateLimit-Policy} (draft-ietf-httpapi-ratelimit-headers).
     *
     * @param permit null if nobody is known
     */
    static LocalResponse rateLimited(
            Gate gate,
            RequestTrail trail,
            RateLimit.Verdict.Refused slow,
            @Nullable Permit permit) {
        gate.meters().rateLimited(slow.bucket());
        trail.tooFast(RateChecks.reason(slow), permit);
        var seconds = Long.toString(slow.retryAfterSeconds());
        var name = '"' + slow.bucket().label() + '"';
        var page = page(gate, trail, 429, Reason.RATE_LIMITED);
        var fields = new ArrayList<Field>();
        page.fields().forEach(fields::add);
        fields.removeIf(field -> field.name().equals("retry-after")); // The limit knows better.
        fields.add(new Field("retry-after", seconds));
        fields.add(new Field("ratelimit", name + ";r=0;t=" + seconds));
        fields.add(
                new Field(
                        "ratelimit-policy",
                        name + ";q=" + slow.quota() + ";w=" + slow.windowSeconds()));
        return new LocalResponse(page.status(), Fields.of(fields), page.body());
    }

    /** To the sign-in, and back to where the person wanted to go. Creates nothing. */
    static LocalResponse challenge(RequestTrail trail, RequestHead head, Reason reason) {
        trail.challenged(reason);
        var redirect = LocalResponse.redirect(302, ReturnTarget.signInLocation(head), List.of());
        return isDeadSession(reason) ? withoutCookie(redirect) : redirect;
    }

    private static boolean isDeadSession(Reason reason) {
        return reason == Reason.SESSION_UNKNOWN || reason == Reason.SESSION_EXPIRED;
    }

    private static LocalResponse withoutCookie(LocalResponse response) {
        Field clearing = SessionCookie.clearing();
        return response.with(Fields.of(List.of(clearing)));
    }
}
