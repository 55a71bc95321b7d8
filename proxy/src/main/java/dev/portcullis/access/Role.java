package dev.portcullis.access;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a caller may do at the Gateway, as the scopes that are written for him on every request.
 *
 * <p>The Gateway intersects scopes by exact name on a WebSocket and grants full operator rights on
 * HTTP when the header is absent, so each role lists every scope by name.
 */
public enum Role {
    /** Looks, touches nothing. */
    VIEWER("operator.read"),
    /** The default: works with agents. */
    OPERATOR(
            "operator.read",
            "operator.write",
            "operator.talk",
            "operator.questions",
            "operator.approvals"),
    /** Everything, each scope by its name. */
    ADMIN(
            "operator.read",
            "operator.write",
            "operator.admin",
            "operator.approvals",
            "operator.questions",
            "operator.pairing",
            "operator.talk",
            "operator.talk.secrets");

    @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
    private final List<String> scopes;

    private final String headerValue;

    Role(String... scopes) {
        this.scopes = List.of(scopes);
        this.headerValue = String.join(",", scopes);
    }

    /** The scopes, by name, in the order they are written. */
    public List<String> scopes() {
        return scopes;
    }

    /** The value of {@code X-OpenClaw-Scopes} for this role: comma-separated, no blanks. */
    public String scopesHeader() {
        return headerValue;
    }

    /** The name in the configuration file: {@code viewer}, {@code operator} or {@code admin}. */
    public String configName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of that name in the configuration file, if there is one. */
    public static Optional<Role> named(String name) {
        for (var role : values()) {
            if (role.configName().equals(name)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
