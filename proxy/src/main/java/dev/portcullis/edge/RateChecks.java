package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.RequestHead;
import dev.portcullis.login.OwnRoutes;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.Permit;
import dev.portcullis.policy.RateLimit;
import dev.portcullis.policy.RateLimit.Verdict;
import dev.portcullis.policy.RateLimits;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Which rate limit stands in the way of a request, if one does. */
final class RateChecks {
    private RateChecks() {}

    /** Of a request that may pass: its address first, then its user. */
    static Verdict.@Nullable Refused ofPermitted(
            RateLimits rates, InetAddress address, Permit permit) {
        var refused = refusal(rates.address().tryOne(address));
        return refused != null ? refused : refusal(rates.user().tryOne(permit.user()));
    }

    /**
     * Of a request to one of our own routes. What a page makes its visitor's browser fetch is no
     * try to sign in, and must not use up those of everybody behind his address; nor must what is
     * refused, so tries to sign in have a bucket to themselves, and ends of sessions have one.
     */
    static Verdict.@Nullable Refused ofOwn(
            RateLimits rates, InetAddress address, RequestHead head) {
        return refusal(bucketOf(rates, head).tryOne(address));
    }

    private static RateLimit<InetAddress> bucketOf(RateLimits rates, RequestHead head) {
        if (OwnRoutes.isSignIn(head)) {
            return rates.signIn();
        }
        return OwnRoutes.isSignOut(head) ? rates.signOut() : rates.unproven();
    }

    /**
     * Of a request that was refused: a token that is no good counts against its address, and once
     * there were too many the next ones get nothing but that. What is good goes on from the same
     * address: others live behind it. A session's cookie cannot be guessed, and a stale one is what
     * every browser sends after a night, as a client does with a token that was good until then.
     */
    static Verdict.@Nullable Refused ofDenied(
            RateLimits rates, InetAddress address, Decision.Deny deny) {
        return switch (deny.reason()) {
            case TOKEN_MALFORMED, TOKEN_INVALID, SERVICE_TOKEN_INVALID ->
                    refusal(rates.tokens().failed(address));
            default -> null;
        };
    }

    static Reason reason(Verdict.Refused refused) {
        return switch (refused.bucket()) {
            case TOKENS -> Reason.LOCKED_OUT;
            case ADDRESS, UNPROVEN, SIGN_OUT, USER, SIGN_IN -> Reason.RATE_LIMITED;
        };
    }

    private static Verdict.@Nullable Refused refusal(Verdict verdict) {
        return verdict instanceof Verdict.Refused refused ? refused : null;
    }
}
