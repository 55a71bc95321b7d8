package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long a connection may go without one request that was allowed: then it ends as at our own
 * stop, when nothing is under way. Whoever is signing in has nothing under way at the provider.
 */
final class UnprovenTime implements ChannelFutureListener {
    private static final AttributeKey<UnprovenTime> RUNNING =
            AttributeKey.valueOf(UnprovenTime.class, "running");

    private final Future<?> timer;
    private final long begunNanos;
    private boolean told;

    private UnprovenTime(Future<?> timer, long begunNanos) {
        this.timer = timer;
        this.begunNanos = begunNanos;
    }

    static void begin(Channel connection, Duration time, Meters meters) {
        var loop = connection.eventLoop();
        var running =
                new UnprovenTime(
                        loop.schedule(
                                () -> end(connection, meters),
                                time.toMillis(),
                                TimeUnit.MILLISECONDS),
                        loop.ticker().nanoTime());
        connection.attr(RUNNING).set(running);
        connection.closeFuture().addListener(running);
    }

    /** The connection is closed. */
    @Override
    public void operationComplete(ChannelFuture closed) {
        timer.cancel(false);
    }

    /** Whether nothing was allowed on the connection for so long; once for each. */
    static boolean tellOnce(Channel connection, long millis) {
        var running = connection.attr(RUNNING).get();
        if (running == null || running.told) {
            return false;
        }
        long since = connection.eventLoop().ticker().nanoTime() - running.begunNanos;
        running.told = since > TimeUnit.MILLISECONDS.toNanos(millis);
        return running.told;
    }

    /** A request was allowed on the connection, or on one of its streams. */
    static void proven(Channel channel) {
        if (!stop(channel) && channel.parent() != null) {
            stop(channel.parent());
        }
    }

    /** Nothing of it is kept for as long as the connection lasts. */
    private static boolean stop(Channel connection) {
        var running = connection.attr(RUNNING).getAndSet(null);
        if (running == null) {
            return false;
        }
        running.timer.cancel(false);
        connection.closeFuture().removeListener(running);
        return true;
    }

    private static void end(Channel connection, Meters meters) {
        meters.limitReached(Limit.UNPROVEN_TIME);
        connection.pipeline().fireUserEventTriggered(new Drain(0));
    }
}
