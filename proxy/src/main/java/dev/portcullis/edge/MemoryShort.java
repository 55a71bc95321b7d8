package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/**
 * A user event for every client connection and stream, once a second while memory is short. To turn
 * away what is new is not enough: those who took the memory would keep everybody else out for as
 * long as their deadlines let them. So what has proven nothing for a while ends, and so does what
 * the client does not read; whoever is honest has a request allowed, and reads.
 */
enum MemoryShort {
    EVENT;

    /** An honest client has shaken hands, and asked, by then. */
    private static final long UNPROVEN_MILLIS = 2_000;

    /** Of a client that did not read at the last event: what had to go out first. */
    private static final AttributeKey<Long> WAITED =
            AttributeKey.valueOf(MemoryShort.class, "waited");

    /** Ends that one if it holds memory for nothing. On its event loop. */
    static void makeRoom(Channel channel, Meters meters) {
        if (UnprovenTime.isOlderThan(channel, UNPROVEN_MILLIS)) {
            meters.limitReached(Limit.MEMORY);
            channel.pipeline().fireUserEventTriggered(new Drain(0));
        } else if (isUnread(channel)) {
            meters.limitReached(Limit.MEMORY);
            // Nothing more can be told to it: no stage on the way waits for its bytes to go out.
            channel.unsafe().close(channel.unsafe().voidPromise());
        }
    }

    /** Whether a client has read nothing since the last event. */
    private static boolean isUnread(Channel channel) {
        if (channel.isWritable()) {
            if (channel.hasAttr(WAITED)) {
                channel.attr(WAITED).set(0L);
            }
            return false;
        }
        long waiting = channel.bytesBeforeWritable();
        Long before = channel.attr(WAITED).getAndSet(waiting);
        return before != null && before == waiting;
    }
}
