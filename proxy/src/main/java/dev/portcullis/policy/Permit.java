package dev.portcullis.policy;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.identity.Principal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The proof that policy allowed a request. Only this package can make one, and the relay takes
 * nothing else: code that forgot to ask does not compile.
 */
public final class Permit {
    private static final String MACHINE = "machine";

    private final Principal principal;
    private final @Nullable Role role;
    private final @Nullable Instant endsAt;

    /**
     * @param role null for a machine
     * @param until when the grant stops to hold, or null for never
     */
    Permit(Principal principal, @Nullable Role role, @Nullable Instant until) {
        this.principal = principal;
        this.role = role;
        this.endsAt = earlier(principal.overAt(), until);
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    /** Who was allowed. */
    public Principal principal() {
        return principal;
    }

    /** Who it is, for what we count and write down. */
    public UserName user() {
        return principal.user();
    }

    /** The name that the Gateway is told; null for a machine, which is nobody there. */
    public @Nullable UserName userAtGateway() {
        return principal.isPerson() ? principal.user() : null;
    }

    /** The value of {@code X-OpenClaw-Scopes}: by name, comma-separated; empty for a machine. */
    public String scopesAtGateway() {
        return role == null ? "" : role.scopesHeader();
    }

    /** When it is over by itself: what stands on it then ends too. Null for never. */
    public @Nullable Instant endsAt() {
        return endsAt;
    }

    /** As what; null for a machine. */
    public @Nullable Role role() {
        return role;
    }

    /** As what, in the words of the audit log. */
    public String roleName() {
        return role == null ? MACHINE : role.configName();
    }

    @Override
    public String toString() {
        return "Permit[" + principal.user() + " as " + roleName() + "]";
    }
}
