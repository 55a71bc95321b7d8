package dev.portcullis.policy;

import java.net.InetAddress;

/**
 * How many client connections there may be, in all and from one address. Any thread; never blocks.
 */
public interface ConnectionLimit {
    /**
     * Counts a new connection in.
     *
     * @return only after {@link Admission#ADMITTED} must {@link #closed} follow, and exactly once
     */
    Admission tryOpen(InetAddress address);

    /** Counts an admitted connection out again. */
    void closed(InetAddress address);

    /** What became of a new connection. */
    enum Admission {
        /** It is counted. */
        ADMITTED,
        /** There are too many in all. */
        TOO_MANY,
        /** There are too many from this address. */
        TOO_MANY_FROM_ADDRESS
    }
}
