package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What clients have sent and not ended, and so waits in memory: records, heads, frames, and
 * requests that may not begin yet; bodies that wait behind answers; and of strangers their
 * certificates, and what their fields keep in tables. Too much of it ends whoever has held much for
 * long, by bytes times time, strangers sooner: an honest client's is small, or whole in
 * milliseconds. Each event loop keeps its share.
 */
final class HalfReceived {
    /** Not worth the counting. */
    private static final int LITTLE_BYTES = 1024;

    /** To the time that something is held, so that of what came at once the most goes first. */
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Of what all may hold, in eighths: less is left than there may be, for each look costs. */
    private static final int LEFT_EIGHTHS = 7;

    /** SETTINGS_HEADER_TABLE_SIZE, which we leave as it is (RFC 9113 §6.5.2). */
    private static final int TABLE_BYTES = 4096;

    /** In the heap a short entry, or a certificate, takes three times what it is counted as. */
    private static final int HEAP_FACTOR = 3;

    /** Whoever was allowed something may be slower: an upload holds half a record for seconds. */
    private static final int PROVEN_TIMES = 8;

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
        var loop = connection.eventLoop();
        var share = byLoop.computeIfAbsent(loop, _ -> new Share(loop));
        connection.attr(OF).set(new Of(share, connection));
    }

    /** Of a connection that was begun; of any other nothing is counted. */
    static Of of(Channel connection) {
        var of = connection.attr(OF).get();
        return of == null ? new Of(null, connection) : of;
    }

    /** What one connection holds. */
    static final class Of {
        private final @Nullable Share share;
        private final Channel connection;
        private int record;
        private int message;
        private int waiting;
        private int unread;
        private int table;
        private int certificates;
        private boolean proven;
        private boolean heard;
        private boolean over;

        /** As its share counts it. */
        private long bytes;

        private long sinceNanos;

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

        /**
         * A field list of so many bytes, as RFC 7541 §4.1 counts them, may have come into the table
         * of its connection, which keeps it for as long as it lasts. Of a stranger it counts.
         */
        void table(long bytes) {
            if (!proven && table < TABLE_BYTES) {
                table = (int) Math.min(TABLE_BYTES, table + bytes);
                changed();
            }
        }

        /**
         * The handshake brought certificates of so many bytes, perhaps. Of a stranger they count.
         */
        void certificates(int bytes) {
            if (!proven && certificates != bytes) {
                certificates = bytes;
                changed();
            }
        }

        /** So many bytes of bodies wait behind whole answers, for nobody. */
        void unread(int bytes) {
            if (unread != bytes) {
                unread = bytes;
                changed();
            }
        }

        /** It is no stranger's. */
        void proven() {
            proven = true;
            table = 0;
            certificates = 0;
            changed();
        }

        private void changed() {
            if (share == null || over) {
                return;
            }
            long now =
                    (long) record
                            + message
                            + waiting
                            + unread
                            + (long) HEAP_FACTOR * (table + certificates);
            if (now > LITTLE_BYTES && !heard) {
                heard = true;
                connection.closeFuture().addListener(_ -> end());
            }
            if (!over) { // It may be closed already.
                share.put(this, now > LITTLE_BYTES ? now : 0);
            }
        }

        /** Nothing is counted any more, whatever is still said. */
        private void end() {
            over = true;
            if (share != null) {
                share.remove(this);
            }
        }

        private double byteNanos(long now) {
            double all = (double) bytes * (now - sinceNanos + GRACE_NANOS);
            return proven ? all / PROVEN_TIMES : all;
        }
    }

    /** Of one event loop. */
    private final class Share {
        private final EventLoop loop;
        private final Set<Of> holders = new HashSet<>();
        private long bytes;

        Share(EventLoop loop) {
            this.loop = loop;
        }

        void put(Of of, long now) {
            if (now == 0) {
                remove(of);
                return;
            }
            if (now <= of.bytes / 2 || holders.add(of)) {
                of.sinceNanos = loop.ticker().nanoTime(); // New, or most of it was ended.
            }
            bytes += now - of.bytes;
            of.bytes = now;
            if (bytes > perLoopMax) {
                makeRoom();
            }
        }

        void remove(Of of) {
            holders.remove(of);
            bytes -= of.bytes;
            of.bytes = 0;
        }

        private void makeRoom() {
            long now = loop.ticker().nanoTime();
            var worstFirst =
                    holders.stream()
                            .sorted(Comparator.comparingDouble((Of of) -> -of.byteNanos(now)))
                            .toList();
            for (var worst : worstFirst) {
                if (bytes > perLoopMax / 8 * LEFT_EIGHTHS) {
                    worst.end();
                    meters.limitReached(Limit.MEMORY);
                    MemoryShort.cut(worst.connection);
                }
            }
        }
    }
}
