package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.RequestHead;
import dev.portcullis.login.ReturnTarget;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.RateLimit;
import dev.portcullis.session.SessionCookie;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answers of the gate to what may not pass. */
final class Denials {
    private Denials() {}

    /** The answer to a decision of policy. */
    static LocalResponse of(Gate gate, RequestHead head, Decision.Deny deny, String requestId) {
        var kind = PageKinds.of(deny.status(), deny.reason());
        var page = gate.pages().error(kind, head, requestId, deny.user());
        return isDeadSession(deny.reason()) ? withoutCookie(page) : page;
    }

    /** The answer to anything else. */
    static LocalResponse plain(
            Gate gate, @Nullable RequestHead head, int status, Reason reason, String requestId) {
        return gate.pages().error(PageKinds.of(status, reason), head, requestId);
    }

    /**
     * 429 with what the client needs to behave: {@code Retry-After} (RFC 9110 §10.2.3), {@code
     * RateLimit} and {@code RateLimit-Policy} (draft-ietf-httpapi-ratelimit-headers).
     */
    static LocalResponse rateLimited(
            Gate gate, RequestHead head, RateLimit.Verdict.Refused slow, String requestId) {
        var seconds = Long.toString(slow.retryAfterSeconds());
        var name = '"' + slow.bucket().label() + '"';
        var page = plain(gate, head, 429, Reason.RATE_LIMITED, requestId);
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
    static LocalResponse challenge(RequestHead head, Reason reason) {
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
