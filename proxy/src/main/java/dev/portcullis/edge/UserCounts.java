package dev.portcullis.edge;

import dev.portcullis.access.UserName;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** How many of one kind each user has at once: requests under way, or WebSockets. Any thread. */
final class UserCounts {
    private final ConcurrentHashMap<UserName, Count> perUser = new ConcurrentHashMap<>();

    /**
     * Counts one more, unless the user has so many already.
     *
     * @param max 1 at least; a reload may have put it below what is counted
     * @return where to take it off again, once; null if it is too many
     */
    @Nullable Count tryAdd(UserName user, int max) {
        while (true) {
            var count = perUser.get(user);
            if (count == null) {
                var first = new Count(user);
                if (perUser.putIfAbsent(user, first) == null) {
                    return first;
                }
                continue;
            }
            int before = count.get();
            if (before >= max) {
                return null;
            } else if (before == 0) {
                perUser.remove(user, count); // Whoever took the last one off is about to.
            } else if (count.compareAndSet(before, before + 1)) {
                return count;
            }
        }
    }

    /** What one user has. At 0 it is over for good: the next one begins another. */
    final class Count extends AtomicInteger {
        private static final long serialVersionUID = 1;

        private final transient UserName user;

        private Count(UserName user) {
            super(1);
            this.user = user;
        }

        /** Takes one off. */
        void takeOff() {
            if (decrementAndGet() == 0) {
                perUser.remove(user, this);
            }
        }
    }
}
