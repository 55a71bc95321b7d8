package dev.portcullis.identity;

import dev.portcullis.access.UserName;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is calling, proven.
 *
 * @param user the name in its one canonical form
 * @param groups the groups the issuer vouches for, as spelled there; empty if none were claimed
 * @param means what proved it
 * @param issuer who vouched: the issuer's URL, or null for a client certificate and a service token
 * @param handle names the proof for the index of live connections and the audit: the session's
 *     reference, the token's hash, the certificate's fingerprint, the service token's id. Never the
 *     secret itself
 * @param endsAt when the proof is over by itself, as a token's is; null where somebody else minds
 *     its end, as with a session
 * @param certificate the client certificate of the connection, good and of nobody else: the proof
 *     itself, or what the proof stands on too; null for none
 */
public record Principal(
        UserName user,
        Set<String> groups,
        Means means,
        @Nullable String issuer,
        String handle,
        @Nullable Instant endsAt,
        @Nullable Standing certificate) {

    public Principal {
        groups = Set.copyOf(groups);
    }

    /** A proof that stands alone. */
    public Principal(
            UserName user,
            Set<String> groups,
            Means means,
            @Nullable String issuer,
            String handle,
            @Nullable Instant endsAt) {
        this(user, groups, means, issuer, handle, endsAt, null);
    }

    /** A proof that stands alone, without an end of its own. */
    public Principal(
            UserName user,
            Set<String> groups,
            Means means,
            @Nullable String issuer,
            String handle) {
        this(user, groups, means, issuer, handle, null);
    }

    /** The same, standing on the connection's certificate too. */
    Principal on(ClientCertificate presented, Instant until) {
        return new Principal(
                user, groups, means, issuer, handle, endsAt, new Standing(presented, until));
    }

    /** The same, over by itself at another instant. */
    Principal endingAt(Instant end) {
        return new Principal(user, groups, means, issuer, handle, end, certificate);
    }

    /** When the first of all that this stands on is over by itself; null for never. */
    public @Nullable Instant overAt() {
        if (certificate == null) {
            return endsAt;
        }
        boolean sooner = endsAt == null || certificate.endsAt().isBefore(endsAt);
        return sooner ? certificate.endsAt() : endsAt;
    }

    /** Whether this is somebody whom the Gateway is told of; a machine has no user there. */
    public boolean isPerson() {
        return means != Means.SERVICE_TOKEN;
    }

    /** The handles of everything this stands on: what ends one of them ends it. */
    public Set<String> handles() {
        return certificate == null
                ? Set.of(handle)
                : handlesWith(certificate.presented().fingerprint());
    }

    private Set<String> handlesWith(String other) {
        return other.equals(handle) ? Set.of(handle) : Set.of(handle, other);
    }

    /**
     * A client certificate that was found good.
     *
     * @param endsAt when that must be asked again at the latest
     */
    public record Standing(ClientCertificate presented, Instant endsAt) {}

    /** What proved who is calling. */
    public enum Means {
        SESSION,
        TOKEN,
        CERTIFICATE,
        /** A machine's. */
        SERVICE_TOKEN,
        /** A certificate that is kept for emergencies. */
        BREAK_GLASS;

        private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** The name in audit lines and metrics, such as {@code session}. */
        public String label() {
            return label;
        }
    }
}
