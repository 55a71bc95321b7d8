package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.AddressKey;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections that have had no request allowed, oldest first. None may go on like that for
 * long: then it ends as at our own stop, when nothing is under way. Whoever is signing in has
 * nothing under way at the provider. And when there are too many connections, one of these makes
 * room for a new one: the oldest of the same address, so that nobody can push out others by coming
 * again and again, or else the oldest of all. An honest client is allowed something in a moment, so
 * the oldest is the one that waits for nothing. Each event loop keeps its share.
 */
final class Unproven {
    private static final AttributeKey<One> ONE = AttributeKey.valueOf(Unproven.class, "one");

    private final Supplier<Duration> time;
    private final Meters meters;
    private final Map<EventLoop, Share> byLoop = new ConcurrentHashMap<>();

    /**
     * @param time how long a connection may go without one request that was allowed
     */
    Unproven(Supplier<Duration> time, Meters meters) {
        this.time = time;
        this.meters = meters;
    }

    /** Takes in a new connection of that address. On its event loop, as all that follows. */
    void begin(Channel connection, AddressKey from) {
        var loop = connection.eventLoop();
        var share = byLoop.computeIfAbsent(loop, _ -> new Share());
        long millis = time.get().toMillis();
        var timer = loop.schedule(() -> end(connection), millis, TimeUnit.MILLISECONDS);
        var one = new One(connection, from, share, timer, loop.ticker().nanoTime());
        share.add(connection, from);
        connection.attr(ONE).set(one);
        connection.closeFuture().addListener(one);
    }

    private void end(Channel connection) {
        meters.limitReached(Limit.UNPROVEN_TIME);
        connection.pipeline().fireUserEventTriggered(new Drain(0));
    }

    /**
     * Closes the oldest of that address on that loop, at once.
     *
     * @param from null for any
     * @return false if there is none
     */
    boolean cutOldest(EventLoop loop, @Nullable AddressKey from) {
        var share = byLoop.get(loop);
        var oldest = share == null ? null : share.oldest(from);
        if (oldest == null) {
            return false;
        }
        MemoryShort.cut(oldest);
        return true;
    }

    /**
     * Closes one of that address on another loop, or else the oldest of all on this one, or else on
     * another.
     *
     * @param then told on this loop, when that is done, whether there was one
     */
    void cutElsewhere(EventLoop loop, AddressKey from, Consumer<Boolean> then) {
        var others = byLoop.keySet().stream().filter(other -> !other.equals(loop)).toList();
        var looks = new ArrayDeque<Look>();
        others.forEach(other -> looks.add(new Look(other, from)));
        looks.add(new Look(loop, null));
        others.forEach(other -> looks.add(new Look(other, null)));
        cutFirst(looks, cut -> loop.execute(() -> then.accept(cut)));
    }

    /**
     * Where one may be cut.
     *
     * @param from its address; null for any
     */
    private record Look(EventLoop loop, @Nullable AddressKey from) {}

    private void cutFirst(Queue<Look> looks, Consumer<Boolean> then) {
        var look = looks.remove();
        look.loop()
                .execute(() -> {
                    boolean cut = cutOldest(look.loop(), look.from());
                    if (cut || looks.isEmpty()) {
                        then.accept(cut);
                    } else {
                        cutFirst(looks, then);
                    }
                });
    }

    /** Whether nothing was allowed on the connection for so long. */
    static boolean isSoFor(Channel connection, long millis) {
        var one = connection.attr(ONE).get();
        return one != null
                && connection.eventLoop().ticker().nanoTime() - one.begunNanos
                        > TimeUnit.MILLISECONDS.toNanos(millis);
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
        HalfReceived.of(connection).proven();
        return true;
    }

    /** Of one event loop. */
    private static final class Share {
        private final SequencedSet<Channel> all = new LinkedHashSet<>();
        private final Map<AddressKey, SequencedSet<Channel>> byAddress = new HashMap<>();

        void add(Channel connection, AddressKey from) {
            all.add(connection);
            byAddress.computeIfAbsent(from, _ -> new LinkedHashSet<>()).add(connection);
        }

        void remove(Channel connection, AddressKey from) {
            all.remove(connection);
            var ofAddress = byAddress.get(from);
            if (ofAddress != null && ofAddress.remove(connection) && ofAddress.isEmpty()) {
                byAddress.remove(from);
            }
        }

        /** Of that address; of all if null. */
        @Nullable Channel oldest(@Nullable AddressKey from) {
            var some = from == null ? all : byAddress.get(from);
            return some == null || some.isEmpty() ? null : some.getFirst();
        }
    }

    /** What is known of one connection. */
    private static final class One implements ChannelFutureListener {
        private final Channel connection;
        private final AddressKey from;
        private final Share share;
        private final Future<?> timer;
        private final long begunNanos;

        One(Channel connection, AddressKey from, Share share, Future<?> timer, long begunNanos) {
            this.connection = connection;
            this.from = from;
            this.share = share;
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
            share.remove(connection, from);
        }
    }
}
