package dev.portcullis.identity;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.Fields;
import dev.portcullis.identity.Authentication.Ambiguous;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Authentication.Rejected;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The machines that may come with a service token: the header pair that a stock node host can send,
 * because one identity-aware proxy made it usual. Any thread; never waits.
 */
public final class ServiceTokens {
    private static final String ID = "cf-access-client-id";
    private static final String SECRET = "cf-access-client-secret";
    private static final Authentication WRONG = new Rejected(Reason.SERVICE_TOKEN_INVALID);
    private static final Authentication EXPIRED = new Rejected(Reason.SERVICE_TOKEN_EXPIRED);

    private final InstantSource clock;
    private volatile Map<String, ServiceToken> known = Map.of();

    /** None at first. */
    public ServiceTokens(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether a request brings any of the two. */
    public static boolean presentIn(Fields fields) {
        return fields.has(ID) || fields.has(SECRET);
    }

    /** What the pair proves. One that is not exactly a pair is no credential at all. */
    public Authentication authenticate(Fields fields) {
        if (fields.count(ID) != 1 || fields.count(SECRET) != 1) {
            return new Ambiguous(Reason.CREDENTIALS_AMBIGUOUS);
        }
        var token = known.get(fields.first(ID));
        var secret = fields.first(SECRET);
        if (token == null || secret == null || !token.opensWith(secret)) {
            return WRONG;
        }
        return token.holdsAt(clock.instant()) ? new Authenticated(token.principal()) : EXPIRED;
    }

    /** Whether a principal of ours still stands: what was revoked a moment ago does not. */
    public boolean standsBehind(Principal principal) {
        var token = known.get(principal.handle());
        return token != null && token.principal().equals(principal);
    }

    /**
     * Puts these in the place of those there were.
     *
     * @return the handles of the tokens that are gone, or are others now
     */
    public Set<String> replace(Collection<ServiceToken> tokens) {
        var before = known;
        var after = new HashMap<String, ServiceToken>();
        tokens.forEach(token -> after.put(token.id(), token));
        known = Map.copyOf(after);
        return before.values().stream()
                .filter(token -> !token.equals(after.get(token.id())))
                .map(ServiceToken::handle)
                .collect(Collectors.toSet());
    }

    /** How many there are. */
    public int count() {
        return known.size();
    }
}
