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
    private record Grant(Role role, @Nullable Instant until) {
        /** The boundary itself is outside: at {@code until} the grant is over. */
        boolean holdsAt(Instant now) {
            return until == null || now.isBefore(until);
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
     * The highest role of all lines that match the user or one of his groups and still hold.
     *
     * @param now wall-clock time
     * @return empty if no line does: he may not pass
     */
    public Optional<Role> roleOf(Principal principal, Instant now) {
        var best = highest(users.get(principal.user()), now, null);
        for (var group : principal.groups()) {
            best = highest(groups.get(group), now, best);
        }
        return Optional.ofNullable(best);
    }

    private static @Nullable Role highest(
            @Nullable List<Grant> grants, Instant now, @Nullable Role best) {
        if (grants == null) {
            return best;
        }
        var highest = best;
        for (var grant : grants) {
            if (grant.holdsAt(now) && (highest == null || grant.role().compareTo(highest) > 0)) {
                highest = grant.role();
            }
        }
        return highest;
    }
}
