package dev.portcullis.policy;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.identity.Principal;

/**
 * The proof that policy allowed a request. Only this package can make one, and the relay takes
 * nothing else: code that forgot to ask does not compile.
 */
public final class Permit {
    private final Principal principal;
    private final Role role;

    Permit(Principal principal, Role role) {
        this.principal = principal;
        this.role = role;
    }

    /** Who was allowed. */
    public Principal principal() {
        return principal;
    }

    /** The name that the Gateway is told. */
    public UserName user() {
        return principal.user();
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
