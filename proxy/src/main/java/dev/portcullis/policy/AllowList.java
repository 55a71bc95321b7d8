package dev.portcullis.policy;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.config.AllowedUser;
import dev.portcullis.identity.Principal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may pass, and as what: the {@code allow-users} block, looked up by name and by group. An
 * empty list lets nobody in. Immutable; a reload makes a new one.
 */
public final class AllowList {
    /**
     * What a line grants.
     *
     * @param until when it stops to hold, or null for never
     */
    record Grant(Role role, @Nullable Instant until) {
        /** The boundary itself is outside: at {@code until} the grant is over. */
        boolean holdsAt(Instant now) {
            return until == null || now.isBefore(until);
        }

        boolean isBetterThan(Grant other) {
            int byRole = role.compareTo(other.role);
            boolean longer = other.until != null && (until == null || until.isAfter(other.until));
            return byRole > 0 || (byRole == 0 && longer);
        }
    }

    private final Map<UserName, List<Grant>> users = new HashMap<>();
    private final Map<String, List<Grant>> groups = new HashMap<>();

    /** The list that these lines make; lines about the same user or group add up. */
    public AllowList(List<AllowedUser> lines) {
        for (var line : lines) {
            var grant = new Grant(line.role(), line.until());
            if (line.user() != null) {
                users.computeIfAbsent(line.user(), _ -> new ArrayList<>(1)).add(grant);
            } else if (line.group() != null) {
                groups.computeIfAbsent(line.group(), _ -> new ArrayList<>(1)).add(grant);
            }
        }
    }

    /**
     * The grant with the highest role of all lines that match the user or one of his groups and
     * still hold; of equal ones the one that holds longest.
     *
     * @param now wall-clock time
     * @return empty if no line does: he may not pass
     */
    Optional<Grant> grantOf(Principal principal, Instant now) {
        var best = highest(users.get(principal.user()), now, null);
        for (var group : principal.groups()) {
            best = highest(groups.get(group), now, best);
        }
        return Optional.ofNullable(best);
    }

    private static @Nullable Grant highest(
            @Nullable List<Grant> grants, Instant now, @Nullable Grant best) {
        if (grants == null) {
            return best;
        }
        var highest = best;
        for (var grant : grants) {
            if (grant.holdsAt(now) && (highest == null || grant.isBetterThan(highest))) {
                highest = grant;
            }
        }
        return highest;
    }
}
