package dev.portcullis.edge;

import dev.portcullis.access.UserName;
import org.jspecify.annotations.Nullable;

/**
 * The place of one connection among the sockets that its user may have open. Taken before anything
 * is asked of anybody, and the connection's own from that moment: whatever goes wrong on the way,
 * its end gives it back. On the event loop.
 */
final class SocketSlot {
    private final OpenSockets sockets;
    private @Nullable UserName holder;

    /**
     * @param sockets of all connections
     */
    SocketSlot(OpenSockets sockets) {
        this.sockets = sockets;
    }

    /** Takes one more of the user's, unless he has so many already. */
    boolean tryTake(UserName user, int max) {
        giveBack();
        if (!sockets.tryOpen(user, max)) {
            return false;
        }
        holder = user;
        return true;
    }

    /** Gives back what is taken, once. */
    void giveBack() {
        var user = holder;
        if (user != null) {
            holder = null;
            sockets.closed(user);
        }
    }
}
