package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The connections that have had no request allowed, oldest first. None may go on like that for
 * long: then it ends as at our own stop, when nothing is under way. Whoever is signing in has
 * nothing under way at the provider. And when there are too many connections, the oldest of these
 * makes room for a new one: an honest client is allowed something in a moment, so the oldest is the
 * one that waits for nothing. Each event loop keeps its share.
 */
final class Unproven {
    private static final AttributeKey<One> ONE = AttributeKey.valueOf(Unproven.class, "one");

    private final Supplier<Duration> time;
    private final Meters meters;
    private final Map<EventLoop, SequencedSet<Channel>> byLoop = new ConcurrentHashMap<>();

    /**
     * @param time how long a connection may go without one request that was allowed
     */
    Unproven(Supplier<Duration> time, Meters meters) {
        this.time = time;
        this.meters = meters;
    }

    /** Takes in a new connection. On its event loop, as all that follows. */
    void begin(Channel connection) {
        var loop = connection.eventLoop();
        var all = byLoop.computeIfAbsent(loop, _ -> new LinkedHashSet<>());
        long millis = time.get().toMillis();
        var timer = loop.schedule(() -> end(connection), millis, TimeUnit.MILLISECONDS);
        var one = new One(connection, all, timer, loop.ticker().nanoTime());
        all.add(connection);
        connection.attr(ONE).set(one);
        connection.closeFuture().addListener(one);
    }

    private void end(Channel connection) {
        meters.limitReached(Limit.UNPROVEN_TIME);
        connection.pipeline().fireUserEventTriggered(new Drain(0));
    }

    /**
     * Closes the oldest of that loop at once.
     *
     * @return false if there is none
     */
    boolean cutOldest(EventLoop loop) {
        var all = byLoop.get(loop);
        if (all == null || all.isEmpty()) {
            return false;
        }
        MemoryShort.cut(all.removeFirst());
        return true;
    }

    /** Whether nothing was allowed on the connection for so long; once for each. */
    static boolean tellOnce(Channel connection, long millis) {
        var one = connection.attr(ONE).get();
        if (one == null || one.told) {
            return false;
        }
        long since = connection.eventLoop().ticker().nanoTime() - one.begunNanos;
        one.told = since > TimeUnit.MILLISECONDS.toNanos(millis);
        return one.told;
    }

    /** A request was allowed on the connection, or on one of its streams. */
    static void proven(Channel channel) {
        if (!stop(channel) && channel.parent() != null) {
            stop(channel.parent());
        }
    }

    /** Nothing of it is kept for as long as the connection lasts. */
    private static boolean stop(Channel connection) {
        var one = connection.attr(ONE).getAndSet(null);
        if (one == null) {
            return false;
        }
        one.over();
        connection.closeFuture().removeListener(one);
        return true;
    }

    /** What is known of one connection. */
    private static final class One implements ChannelFutureListener {
        private final Channel connection;
        private final SequencedSet<Channel> all;
        private final Future<?> timer;
        private final long begunNanos;
        private boolean told;

        One(Channel connection, SequencedSet<Channel> all, Future<?> timer, long begunNanos) {
            this.connection = connection;
            this.all = all;
            this.timer = timer;
            this.begunNanos = begunNanos;
        }

        /** The connection is closed. */
        @Override
        public void operationComplete(ChannelFuture closed) {
            over();
        }

        private void over() {
            timer.cancel(false);
            all.remove(connection);
        }
    }
}
