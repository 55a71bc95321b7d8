package dev.portcullis.session;

import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Principal;
import org.jspecify.annotations.Nullable;

/** One open request or socket that must end when the identity behind it does. */
public interface LiveConnection {
    /**
     * Ends it: a WebSocket with a proper close frame, a request that waits for its answer with one
     * of ours, an answer in flight by a cut. Any thread.
     */
    void close(Reason reason);

    /**
     * Asks whether it may go on, now that the rules or its principal are not what they were; what
     * may not, or may as somebody else only, ends. Any thread.
     *
     * @param changed who it stands on from now on; null if only the rules changed
     */
    default void judgeAgain(@Nullable Principal changed) {
        close(Reason.ACCESS_CHANGED);
    }
}
