package dev.portcullis.edge;

import dev.portcullis.access.UserName;
import java.util.concurrent.ConcurrentHashMap;

/** How many WebSockets each user has open, or is opening. Any thread. */
final class OpenSockets {
    private final ConcurrentHashMap<UserName, Integer> perUser = new ConcurrentHashMap<>();

    /** Counts one more, unless the user has so many already. */
    boolean tryOpen(UserName user, int max) {
        var before = new int[1];
        perUser.compute(
                user,
                (_, count) -> {
                    before[0] = count == null ? 0 : count;
                    return Math.min(before[0] + 1, max);
                });
        return before[0] < max;
    }

    void closed(UserName user) {
        perUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
    }
}
