package dev.portcullis.policy;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Authentication;
import dev.portcullis.identity.Authentication.Ambiguous;
import dev.portcullis.identity.Authentication.Anonymous;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Authentication.Conflicting;
import dev.portcullis.identity.Authentication.Rejected;
import dev.portcullis.identity.Authentication.Undecidable;
import dev.portcullis.identity.Principal;
import java.time.Instant;

/**
 * Decides one request. Framing and Host were judged before; limits and the Gateway come after. The
 * only maker of permits. Pure and immutable: the same request at the same instant is always decided
 * alike.
 */
public final class Policy {
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int UNAVAILABLE = 503;

    private final AllowList allowList;
    private final Routes routes;
    private final MachineRoutes machineRoutes;
    private final OriginRules originRules;

    /**
     * @param basePath where the Control UI lives: {@code /}, or {@code /name}
     */
    public Policy(AllowList allowList, PublicOrigin publicOrigin, String basePath) {
        this.allowList = allowList;
        this.routes = new Routes(basePath);
        this.machineRoutes = new MachineRoutes(basePath);
        this.originRules = new OriginRules(publicOrigin.origin(), routes.signInTest());
    }

    /**
     * What becomes of the request. The order of the checks is the order of these lines.
     *
     * @param now wall-clock time
     */
    public Decision decide(RequestHead head, Authentication authentication, Instant now) {
        return switch (authentication) {
            case Ambiguous(Reason reason) -> new Decision.Deny(BAD_REQUEST, reason);
            case Conflicting(Reason reason, Principal principal) -> forbidden(reason, principal);
            case Undecidable(Reason reason) -> new Decision.Deny(UNAVAILABLE, reason);
            case Anonymous() -> unproven(head, Reason.NO_CREDENTIALS);
            case Rejected(Reason reason) -> unproven(head, reason);
            case Authenticated(Principal principal) -> proven(head, principal, now);
        };
    }

    /** Whether that principal may enter at all, whatever he asks for. */
    public boolean admits(Principal principal, Instant now) {
        return !principal.isPerson() || allowList.grantOf(principal, now).isPresent();
    }

    private Decision unproven(RequestHead head, Reason reason) {
        return isBrowsers(reason) && isSentToSignIn(head)
                ? new Decision.Challenge(reason)
                : new Decision.Deny(UNAUTHORIZED, reason);
    }

    /**
     * Programs that present a token or a certificate are told no; a redirect is nothing to them.
     */
    private static boolean isBrowsers(Reason reason) {
        return reason == Reason.NO_CREDENTIALS
                || reason == Reason.SESSION_UNKNOWN
                || reason == Reason.SESSION_EXPIRED;
    }

    /**
     * A page can follow a redirect to sign in; so can the Control UI's test whether it is still
     * signed in. Everything else gets a 401, which its caller understands: the UI's service worker
     * would keep a sign-in page that answers a fetch.
     */
    private boolean isSentToSignIn(RequestHead head) {
        return !head.isWebSocket()
                && (head.isNavigation() || head.target().path().equals(routes.signInTest()));
    }

    private Decision proven(RequestHead head, Principal principal, Instant now) {
        var refusal = originRules.refusal(head, principal.means());
        if (refusal.isPresent()) {
            return forbidden(refusal.get(), principal);
        }
        return principal.isPerson() ? person(head, principal, now) : machine(head, principal);
    }

    /** A service token is its own entry in the list: whoever made it allowed it. */
    private Decision machine(RequestHead head, Principal principal) {
        return machineRoutes.permit(head)
                ? new Decision.Allow(new Permit(principal, null, null))
                : forbidden(Reason.ROUTE_NOT_ALLOWED, principal);
    }

    private Decision person(RequestHead head, Principal principal, Instant now) {
        var grant = allowList.grantOf(principal, now);
        if (grant.isEmpty()) {
            return forbidden(Reason.USER_NOT_ALLOWED, principal);
        }
        var role = grant.get().role();
        return routes.permit(head.target(), role)
                ? new Decision.Allow(new Permit(principal, role, grant.get().until()))
                : forbidden(Reason.ROUTE_NOT_ALLOWED, principal);
    }

    private static Decision forbidden(Reason reason, Principal principal) {
        return new Decision.Deny(FORBIDDEN, reason, principal);
    }
}
