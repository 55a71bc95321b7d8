package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/**
 * User events of every connection behind TLS and each of its streams, the first of them once a
 * second while memory is short. To turn away what is new is not enough: those who took the memory
 * would keep everybody else out for as long as their deadlines let them. So what has proven nothing
 * for a while ends, and so does what the client does not read; whoever is honest has a request
 * allowed, and reads.
 */
enum MemoryShort {
    /** Whoever holds memory for nothing makes room. */
    EVENT,

    /** This connection or stream is about to be closed without a word. */
    CUT;

    /** An honest client has shaken hands, and asked, by then. */
    private static final long UNPROVEN_MILLIS = 2_000;

    /** Not worth a connection. */
    private static final int LITTLE_BYTES = 4 * 1024;

    private static final AttributeKey<Standstill> STANDSTILL =
            AttributeKey.valueOf(MemoryShort.class, "standstill");

    /** Ends that connection if it holds memory for nothing. On its event loop. */
    static void makeRoom(Channel connection, Meters meters) {
        if (Unproven.isSoFor(connection, UNPROVEN_MILLIS) || isUnread(connection)) {
            meters.limitReached(Limit.MEMORY);
            cut(connection);
        }
    }

    /** At once: no stage on the way waits for anything to go out. */
    static void cut(Channel connection) {
        connection.pipeline().fireUserEventTriggered(CUT);
        connection.unsafe().close(connection.unsafe().voidPromise());
    }

    /** Whether something waits, and not a byte of it has gone out for long. */
    private static boolean isUnread(Channel connection) {
        var standstill = of(connection);
        var waiting = connection.unsafe().outboundBuffer();
        if (waiting == null || waiting.totalPendingWriteBytes() < LITTLE_BYTES) {
            standstill.moved();
            return false;
        }
        return standstill.isLong(
                waiting.current(),
                waiting.currentProgress(),
                connection.eventLoop().ticker().nanoTime());
    }

    private static Standstill of(Channel connection) {
        var standstill = connection.attr(STANDSTILL).get();
        if (standstill == null) {
            standstill = new Standstill();
            connection.attr(STANDSTILL).set(standstill);
        }
        return standstill;
    }
}
