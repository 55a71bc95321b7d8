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
 * @param issuer who vouched: the issuer's URL, or null for a client certificate
 * @param handle names the proof for the index of live connections and the audit: the session's
 *     reference, the token's hash, the certificate's fingerprint. Never the secret itself
 * @param endsAt when the proof is over by itself, as a token's is; null where somebody else minds
 *     its end, as with a session
 */
public record Principal(
        UserName user,
        Set<String> groups,
        Means means,
        @Nullable String issuer,
        String handle,
        @Nullable Instant endsAt) {

    public Principal {
        groups = Set.copyOf(groups);
    }

    /** A proof without an end of its own. */
    public Principal(
            UserName user,
            Set<String> groups,
            Means means,
            @Nullable String issuer,
            String handle) {
        this(user, groups, means, issuer, handle, null);
    }

    /** What proved who is calling. */
    public enum Means {
        SESSION,
        TOKEN,
        CERTIFICATE;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** The name in audit lines and metrics, such as {@code session}. */
        public String label() {
            return label;
        }
    }
}
