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
    private final Principal principal;
    private final Role role;
    private final @Nullable Instant endsAt;

    /**
     * @param until when the grant stops to hold, or null for never
     */
    Permit(Principal principal, Role role, @Nullable Instant until) {
        this.principal = principal;
        this.role = role;
        this.endsAt = earlier(principal.endsAt(), until);
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

    /** The name that the Gateway is told. */
    public UserName user() {
        return principal.user();
    }

    /** When it is over by itself: what stands on it then ends too. Null for never. */
    public @Nullable Instant endsAt() {
        return endsAt;
    }

    /** As what. */
    public Role role() {
        return role;
    }

    @Override
    public String toString() {
        return "Permit[" + principal.user() + " as " + role.configName() + "]";
    }
}
