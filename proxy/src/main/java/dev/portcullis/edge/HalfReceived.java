package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What clients have sent and not ended, and so waits in memory: records, heads, frames, and
 * requests that may not begin yet. Too much of it ends whoever has held some for longest and not
 * whoever is new: an honest client's is whole in milliseconds, so the oldest is the one that
 * stalls. Each event loop keeps its share.
 */
final class HalfReceived {
    /** Not worth the counting. */
    private static final int LITTLE_BYTES = 1024;

    private static final AttributeKey<@Nullable Of> OF =
            AttributeKey.valueOf(HalfReceived.class, "of");

    private final long perLoopMax;
    private final Meters meters;
    private final Map<EventLoop, Share> byLoop = new ConcurrentHashMap<>();

    /**
     * @param max bytes in all
     * @param loops over which connections are spread
     */
    HalfReceived(long max, int loops, Meters meters) {
        this.perLoopMax = Math.max(1, max / loops);
        this.meters = meters;
    }

    /** Counts what comes of a new connection. On its event loop, as all that follows. */
    void begin(Channel connection) {
        var share = byLoop.computeIfAbsent(connection.eventLoop(), _ -> new Share());
        connection.attr(OF).set(new Of(share, connection));
    }

    /** Of a connection that was begun; of any other nothing is counted. */
    static Of of(Channel connection) {
        var of = connection.attr(OF).get();
        return of == null ? new Of(null, connection) : of;
    }

    private void cutOldest(Share share) {
        var oldest = share.held.firstEntry().getKey();
        oldest.end();
        meters.limitReached(Limit.MEMORY);
        MemoryShort.cut(oldest.connection);
    }

    /** What one connection holds. */
    static final class Of {
        private final @Nullable Share share;
        private final Channel connection;
        private int record;
        private int message;
        private int waiting;
        private boolean counted;
        private boolean over;

        private Of(@Nullable Share share, Channel connection) {
            this.share = share;
            this.connection = connection;
        }

        /** So many bytes of a TLS record. Each of these may cut the connection itself. */
        void record(int bytes) {
            if (record != bytes) {
                record = bytes;
                changed();
            }
        }

        /** So many bytes of a head, or of a frame. */
        void message(int bytes) {
            if (message != bytes) {
                message = bytes;
                changed();
            }
        }

        /** So many more bytes of requests that may not begin yet. */
        void waiting(int more) {
            waiting += more;
            changed();
        }

        private void changed() {
            if (share == null || over) {
                return;
            }
            long bytes = (long) record + message + waiting;
            if (bytes > LITTLE_BYTES) {
                count(share, bytes);
            } else if (counted) {
                share.remove(this);
            }
        }

        private void count(Share share, long bytes) {
            if (!counted) {
                counted = true;
                connection.closeFuture().addListener(_ -> end());
            }
            if (!over) {
                share.put(this, bytes);
            }
        }

        /** Nothing is counted any more, whatever is still said. */
        private void end() {
            over = true;
            if (share != null) {
                share.remove(this);
            }
        }
    }

    /** Of one event loop. */
    private final class Share {
        private final SequencedMap<Of, Long> held = new LinkedHashMap<>();
        private long bytes;

        void put(Of of, long now) {
            @Nullable Long before = held.get(of);
            if (before != null && now <= before / 2) {
                held.remove(of); // Most of it was ended: what is left is young.
            }
            held.put(of, now);
            bytes += now - (before == null ? 0 : before);
            while (bytes > perLoopMax) {
                cutOldest(this);
            }
        }

        void remove(Of of) {
            @Nullable Long before = held.remove(of);
            bytes -= before == null ? 0 : before;
        }
    }
}
