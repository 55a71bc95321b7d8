package dev.portcullis.upstream;

import dev.portcullis.http.FrameScanner;
import dev.portcullis.http.Masking;
import java.util.Set;

/**
 * What a client may send in one message, by the kind of WebSocket. The Gateway knows the kinds by
 * their exact paths; every other path is the operators' socket.
 */
final class SocketKinds {
    /**
     * They were let in by a ticket before the 101, so there is no first message to be proven by.
     */
    private static final Set<String> BY_TICKET =
            Set.of(
                    "/desktop/observe",
                    "/node-desktop/attach",
                    "/node-portal/attach",
                    "/browser/extension",
                    "/browser/screencast");

    private SocketKinds() {}

    /**
     * Follows what a client sends. On the operators' and the workers' socket 64 KiB until a first
     * message has passed whole, and 25 MiB after.
     */
    static FrameScanner scanner(String path) {
        return BY_TICKET.contains(path)
                ? new FrameScanner(
                        Masking.MASKED, FrameScanner.MESSAGE_MAX, FrameScanner.MESSAGE_MAX)
                : FrameScanner.ofClient();
    }
}
