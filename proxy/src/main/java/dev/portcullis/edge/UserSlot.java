package dev.portcullis.edge;

import dev.portcullis.access.UserName;
import org.jspecify.annotations.Nullable;

/**
 * The place of one connection's request, or of its socket, among those that its user may have at
 * once. Taken before anything is asked of anybody, and the connection's own from that moment:
 * whatever goes wrong on the way, its end gives it back. On the event loop.
 */
final class UserSlot {
    private UserCounts.@Nullable Count taken;

    /** Takes one more of the user's, unless he has so many already. */
    boolean tryTake(UserCounts counts, UserName user, int max) {
        giveBack();
        taken = counts.tryAdd(user, max);
        return taken != null;
    }

    /** Gives back what is taken, once. */
    void giveBack() {
        var count = taken;
        if (count != null) {
            taken = null;
            count.takeOff();
        }
    }
}
