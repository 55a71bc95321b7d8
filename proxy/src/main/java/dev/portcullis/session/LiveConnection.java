package dev.portcullis.session;

import dev.portcullis.audit.Reason;

/** One open request or socket that must end when the identity behind it does. */
public interface LiveConnection {
    /** Ends it: a WebSocket with a proper close frame, a body in flight by a cut. Any thread. */
    void close(Reason reason);
}
