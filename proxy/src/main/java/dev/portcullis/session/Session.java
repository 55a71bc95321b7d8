package dev.portcullis.session;

import dev.portcullis.access.UserName;
import dev.portcullis.config.Secret;
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
 * @param address where the browser was at sign-in, or null
 * @param refresh what keeps it in step with the provider, or null where nothing was given
 * @param version 0 at first, one more with each change, so that two changes never cross
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
        Duration idle,
        @Nullable String address,
        @Nullable Refresh refresh,
        long version) {

    /**
     * The provider's refresh token, and when to use it (RFC 6749 §6).
     *
     * @param token never leaves the server
     * @param at when it is time to ask the provider again
     * @param accessEndsAt when the access token beside it ends
     */
    public record Refresh(Secret token, Instant at, Instant accessEndsAt) {}

    public Session {
        groups = Set.copyOf(groups);
    }

    /** A new session that is never refreshed. */
    public Session(
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
        this(
                reference,
                user,
                groups,
                issuer,
                subject,
                providerSession,
                idToken,
                startedAt,
                endsAt,
                idle,
                null,
                null,
                0);
    }

    /** The same from that address and with that means of refreshing; its version stays. */
    public Session with(@Nullable String newAddress, @Nullable Refresh newRefresh) {
        return new Session(
                reference,
                user,
                groups,
                issuer,
                subject,
                providerSession,
                idToken,
                startedAt,
                endsAt,
                idle,
                newAddress,
                newRefresh,
                version);
    }

    /**
     * What it is after the provider was asked again: the next version.
     *
     * @param newUser as claimed now
     * @param newGroups as claimed now
     * @param newIdToken the new one, or null to keep the old one
     * @param newRefresh what to refresh with from now on
     */
    public Session refreshed(
            UserName newUser,
            Set<String> newGroups,
            @Nullable String newIdToken,
            @Nullable Refresh newRefresh) {
        return new Session(
                reference,
                newUser,
                newGroups,
                issuer,
                subject,
                providerSession,
                newIdToken == null ? idToken : newIdToken,
                startedAt,
                endsAt,
                idle,
                address,
                newRefresh,
                version + 1);
    }

    /** When it is over if nothing more happens than what happened last at that instant. */
    public Instant deadline(Instant lastUsed) {
        var idleUntil = lastUsed.plus(idle);
        return idleUntil.isBefore(endsAt) ? idleUntil : endsAt;
    }

    /** Who this session proves. */
    public Principal principal() {
        return new Principal(user, groups, Principal.Means.SESSION, issuer, reference);
    }

    /** Without the tokens. */
    @Override
    public String toString() {
        return "Session[" + reference + ", " + user + "]";
    }
}
