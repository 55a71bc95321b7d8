package dev.portcullis.config;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code allow-users}: a user or a group, never both.
 *
 * @param user the user, or null if a group
 * @param group the group as the issuer spells it, or null if a user
 * @param role what they may do
 * @param until when the line stops to hold, or null for never
 * @param ticket why it stands there, for the reader and the audit; or null
 */
public record AllowedUser(
        @Nullable UserName user,
        @Nullable String group,
        Role role,
        @Nullable Instant until,
        @Nullable String ticket) {

    private static final UserName STAND_IN = new UserName("nobody");

    // Made once: a list may have thousands of lines.
    private static final Syntax<UserName> USER =
            Syntax.of(
                    "a user's name: printable ASCII without blanks or commas, at most one @, at"
                            + " most 254 characters",
                    UserName::canonical);
    private static final Syntax<String> GROUP = Syntax.line("a group's name", 256);
    private static final Syntax<Role> ROLE = Syntax.choice(Role.values(), Role::configName);
    private static final Syntax<Instant> UNTIL =
            Syntax.of("an instant with its zone, such as 2026-12-24T18:00:00Z", AllowedUser::at);
    private static final Syntax<String> TICKET = Syntax.line("a ticket", 128);

    public AllowedUser {
        if ((user == null) == (group == null)) {
            throw new IllegalArgumentException("a user or a group, not both and not neither");
        }
    }

    /**
     * The whole list; at least one line, and nobody twice.
     *
     * @param groupsKnown whether any claim tells groups; without one a line for a group has no
     *     effect
     */
    static List<AllowedUser> parseAll(ConfigNode node, boolean groupsKnown) {
        var seen = new HashSet<String>();
        var list = node.blocks("allow-users", "user", line -> parse(line, groupsKnown, seen));
        if (!node.has("allow-users") || node.isEmptyList("allow-users")) {
            node.problem("allow-users", "nobody", "a list of at least one user or group");
        }
        return list;
    }

    private static AllowedUser parse(ConfigNode node, boolean groupsKnown, HashSet<String> seen) {
        var user = node.valueIfPresent("user", USER);
        var group = node.valueIfPresent("group", GROUP);
        var role = node.value("role", ROLE, "operator");
        var until = node.valueIfPresent("until", UNTIL);
        var ticket = node.valueIfPresent("ticket", TICKET);
        if (node.has("user") == node.has("group")) {
            var found = node.has("user") ? "both user and group" : "neither user nor group";
            node.problem(found, "exactly one of user and group");
        }
        once(node, "user", user, seen);
        once(node, "group", group, seen);
        noPattern(node, "user", user == null ? null : user.value());
        noPattern(node, "group", group);
        if (group != null && !groupsKnown) {
            node.problem("group", "a group, but no groups-claim", "a user, or a groups-claim");
        }
        if (until != null && !until.isAfter(node.source().now())) {
            node.warn("until", "past already: this line lets nobody in");
        }
        return user == null && group != null
                ? new AllowedUser(null, group, role, until, ticket)
                : new AllowedUser(user == null ? STAND_IN : user, null, role, until, ticket);
    }

    private static void once(
            ConfigNode node, String key, @Nullable Object value, HashSet<String> seen) {
        if (value != null && !seen.add(key + " " + value)) {
            node.problem(key, "a " + key + " listed before", "each " + key + " once");
        }
    }

    /** It would let nobody in, though whoever wrote it expects everybody. */
    private static void noPattern(ConfigNode node, String key, @Nullable String name) {
        if (name != null && name.indexOf('*') >= 0) {
            node.problem(key, name + ", a pattern", "the name of one " + key + ", written out");
        }
    }

    private static Optional<Instant> at(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }
}
