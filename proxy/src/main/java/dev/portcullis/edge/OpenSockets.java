package dev.portcullis.edge;

import dev.portcullis.access.UserName;
import java.util.concurrent.ConcurrentHashMap;

/** How many WebSockets each user has open. Any thread. */
final class OpenSockets {
    private final ConcurrentHashMap<UserName, Integer> perUser = new ConcurrentHashMap<>();

    int count(UserName user) {
        return perUser.getOrDefault(user, 0);
    }

    void opened(UserName user) {
        perUser.merge(user, 1, Integer::sum);
    }

    void closed(UserName user) {
        perUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
    }
}
