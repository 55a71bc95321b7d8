package dev.portcullis.config;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import java.time.Instant;
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

    public AllowedUser {
        if ((user == null) == (group == null)) {
            throw new IllegalArgumentException("a user or a group, not both and not neither");
        }
    }
}
