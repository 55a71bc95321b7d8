package dev.portcullis.session;

import dev.portcullis.access.UserName;
import dev.portcullis.identity.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One signed-in browser, as it stands on the server.
 *
 * @param reference names the session where its secret must not be: the first 16 characters of the
 *     SHA-256 of the cookie's value, in base64url
 * @param user canonical name
 * @param groups as the provider claimed them
 * @param issuer the provider
 * @param subject the provider's own id of the user ({@code sub})
 * @param providerSession the provider's id of its session ({@code sid}), for logout from there
 * @param idToken kept for {@code id_token_hint} at sign-out; null where the provider has no
 *     end-session endpoint
 * @param startedAt when the sign-in was done
 * @param endsAt startedAt plus the absolute lifetime
 * @param idle how long it lives unused
 */
public record Session(
        String reference,
        UserName user,
        Set<String> groups,
        String issuer,
        String subject,
        @Nullable String providerSession,
        @Nullable String idToken,
        Instant startedAt,
        Instant endsAt,
        Duration idle) {

    public Session {
        groups = Set.copyOf(groups);
    }

    /** Who this session proves. */
    public Principal principal() {
        return new Principal(user, groups, Principal.Means.SESSION, issuer, reference);
    }

    /** Without the ID token. */
    @Override
    public String toString() {
        return "Session[" + reference + ", " + user + "]";
    }
}
