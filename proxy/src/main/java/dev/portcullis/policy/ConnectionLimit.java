package dev.portcullis.policy;

import java.net.InetAddress;

/**
 * How many client connections there may be, in all and from one address. Any thread; never blocks.
 */
public interface ConnectionLimit {
    /**
     * Counts a new connection in, whoever it is.
     *
     * @return only after true must {@link #closed} follow, and exactly once
     */
    boolean tryOpen();

    /** Counts a connection out again. */
    void closed();

    /**
     * Whether one that closes makes room for another: not where the limit was lowered below what is
     * open.
     */
    boolean oneLessIsRoom();

    /**
     * Counts a connection to its address, once that is known.
     *
     * @return only after true must {@link #closedFrom} follow, and exactly once
     */
    boolean tryOpenFrom(InetAddress address);

    /** Counts a connection of that address out again. */
    void closedFrom(InetAddress address);
}
