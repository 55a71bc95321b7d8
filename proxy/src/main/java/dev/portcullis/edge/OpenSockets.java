package dev.portcullis.edge;

import dev.portcullis.access.UserName;
import java.util.concurrent.ConcurrentHashMap;

/** How many WebSockets each user has open, or is opening. Any thread. */
final class OpenSockets {
    private final ConcurrentHashMap<UserName, Integer> perUser = new ConcurrentHashMap<>();

    /** Counts one more, unless the user has so many already. */
    boolean tryOpen(UserName user, int max) {
        var fits = new boolean[1];
        perUser.compute(
                user,
                (_, count) -> {
                    int before = count == null ? 0 : count;
                    fits[0] = before < max; // A reload may have put it below what is open.
                    return fits[0] ? Integer.valueOf(before + 1) : count;
                });
        return fits[0];
    }

    void closed(UserName user) {
        perUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
    }
}
