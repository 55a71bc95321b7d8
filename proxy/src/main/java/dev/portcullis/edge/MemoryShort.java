package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/**
 * A user event for every connection behind TLS and each of its streams, once a second while memory
 * is short. To turn away what is new is not enough: those who took the memory would keep everybody
 * else out for as long as their deadlines let them. So what has proven nothing for a while ends,
 * and so does what the client does not read; whoever is honest has a request allowed, and reads.
 */
enum MemoryShort {
    EVENT;

    /** Events in a row that find a client not reading, before it is cut. */
    static final int UNREAD_EVENTS = 5;

    /** An honest client has shaken hands, and asked, by then. */
    private static final long UNPROVEN_MILLIS = 2_000;

    private static final AttributeKey<Integer> UNREAD =
            AttributeKey.valueOf(MemoryShort.class, "unread");

    /** Ends that connection if it holds memory for nothing. On its event loop. */
    static void makeRoom(Channel connection, Meters meters) {
        if (UnprovenTime.tellOnce(connection, UNPROVEN_MILLIS)) {
            meters.limitReached(Limit.MEMORY);
            connection.pipeline().fireUserEventTriggered(new Drain(0));
        }
        if (isUnread(connection)) {
            meters.limitReached(Limit.MEMORY);
            var gate = connection.pipeline().get(GateHandler.class);
            if (gate != null) {
                gate.cutBy(Reason.OVERLOADED);
            }
            // Nothing more can be told to it: no stage on the way waits for its bytes to go out.
            connection.unsafe().close(connection.unsafe().voidPromise());
        }
    }

    private static boolean isUnread(Channel connection) {
        if (connection.isWritable()) {
            return false;
        }
        var before = connection.attr(UNREAD).get();
        int events = before == null ? 1 : before + 1;
        connection.attr(UNREAD).set(events);
        return events >= UNREAD_EVENTS;
    }

    /** The client has read enough of what waited for it, or too much waits now. */
    static void writabilityChanged(Channel connection) {
        if (connection.hasAttr(UNREAD)) {
            connection.attr(UNREAD).set(0);
        }
    }
}
