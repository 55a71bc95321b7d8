package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long a connection may go without one request that was allowed: then it ends as at our own
 * stop, when nothing is under way. Whoever is signing in has nothing under way at the provider.
 */
final class UnprovenTime {
    private static final AttributeKey<Future<?>> TIMER =
            AttributeKey.valueOf(UnprovenTime.class, "timer");

    private UnprovenTime() {}

    static void begin(Channel connection, Duration time, Meters meters) {
        var timer =
                connection
                        .eventLoop()
                        .schedule(
                                () -> end(connection, meters),
                                time.toMillis(),
                                TimeUnit.MILLISECONDS);
        connection.attr(TIMER).set(timer);
        connection.closeFuture().addListener(_ -> timer.cancel(false));
    }

    /** A request was allowed on the connection, or on one of its streams. */
    static void proven(Channel channel) {
        var timer = channel.attr(TIMER).getAndSet(null);
        if (timer == null && channel.parent() != null) {
            timer = channel.parent().attr(TIMER).getAndSet(null);
        }
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private static void end(Channel connection, Meters meters) {
        meters.limitReached(Limit.UNPROVEN_TIME);
        connection.pipeline().fireUserEventTriggered(new Drain(0));
    }
}
