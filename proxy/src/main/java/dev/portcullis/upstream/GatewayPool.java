package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;
import dev.portcullis.metrics.Limit;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections to the Gateway of one event loop, so that client and Gateway side of an
 * exchange never hop between threads. The one used last is used next; none is older than the
 * Gateway's own keep-alive allows.
 */
final class GatewayPool {
    /**
     * The Gateway advertises 5 s and closes at 6: below 4 no request meets a closing connection.
     */
    private static final Duration IDLE_MAX = Duration.ofMillis(3_500);

    /** What cannot be repeated gets a connection that is this fresh, or a new one. */
    private static final Duration IDLE_MAX_FOR_UNREPEATABLE = Duration.ofSeconds(1);

    /** How long the other loops have to close what stands idle with them. */
    private static final long ROOM_MILLIS = 20;

    /** Receives the outcome of {@link #acquire}. */
    interface Waiter {
        void onConnection(GatewayConnection connection);

        /** Whether a connection is still wanted. */
        boolean isWaiting();

        /** There will be none, and why. */
        void onUnreachable(Reason reason);
    }

    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final Gateway gateway;
    private final ArrayDeque<GatewayConnection> idle = new ArrayDeque<>();
    private boolean sweepDue;

    GatewayPool(EventLoop loop, Bootstrap bootstrap, Gateway gateway) {
        this.loop = loop;
        this.gateway = gateway;
        this.bootstrap =
                bootstrap
                        .clone()
                        .group(loop)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        "gateway",
                                                        new GatewayConnection(GatewayPool.this));
                                    }
                                });
    }

    /**
     * A connection for one exchange: an idle one that is fresh enough, or a new one.
     *
     * @param repeatable whether a second try cannot do harm
     * @param fresh whether it must be a new one
     */
    void acquire(boolean repeatable, boolean fresh, Waiter waiter) {
        var reused = reused(repeatable, fresh);
        if (reused != null) {
            waiter.onConnection(reused);
            return;
        }
        if (!tryOpen(waiter)) {
            gateway.makeRoomForAnother();
            loop.schedule(
                    () -> acquireOrGiveUp(repeatable, fresh, waiter),
                    ROOM_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }

    private @Nullable GatewayConnection reused(boolean repeatable, boolean fresh) {
        return fresh ? null : takeIdle(repeatable ? IDLE_MAX : IDLE_MAX_FOR_UNREPEATABLE);
    }

    private boolean tryOpen(Waiter waiter) {
        if (!gateway.tryOpen() && !(closeOldest() && gateway.tryOpen())) {
            return false;
        }
        bootstrap.connect().addListener((ChannelFuture connected) -> connected(connected, waiter));
        return true;
    }

    private void acquireOrGiveUp(boolean repeatable, boolean fresh, Waiter waiter) {
        gateway.waitedForRoom();
        if (!waiter.isWaiting()) {
            return;
        }
        var reused = reused(repeatable, fresh); // One may have become idle meanwhile.
        if (reused != null) {
            waiter.onConnection(reused);
        } else if (!tryOpen(waiter)) {
            gateway.meters().limitReached(Limit.GATEWAY_CONNECTIONS);
            waiter.onUnreachable(Reason.GATEWAY_BUSY);
        }
    }

    /**
     * Closes the connection that has been idle for longest, if there is still no room for all who
     * wait. Any thread.
     */
    void makeRoom() {
        loop.execute(() -> {
            if (gateway.isFull()) {
                closeOldest();
            }
        });
    }

    /** What is idle counts, and is of no use to who must have a new one. */
    private boolean closeOldest() {
        var oldest = idle.peekLast();
        if (oldest == null) {
            return false;
        }
        remove(oldest);
        oldest.close();
        return true;
    }

    private void connected(ChannelFuture connected, Waiter waiter) {
        if (!connected.isSuccess()) {
            gateway.closed();
            gateway.meters().gatewayConnectFailed();
            waiter.onUnreachable(gateway.health().unreachable(connected.cause()));
            return;
        }
        gateway.health().reached();
        gateway.meters().gatewayOpened();
        connected
                .channel()
                .closeFuture()
                .addListener(_ -> {
                    gateway.closed();
                    gateway.meters().gatewayClosed();
                });
        waiter.onConnection(connected.channel().pipeline().get(GatewayConnection.class));
    }

    private @Nullable GatewayConnection takeIdle(Duration idleMax) {
        while (true) {
            var candidate = idle.peekFirst();
            if (candidate == null || candidate.idleNanos() >= idleMax.toNanos()) {
                return null; // All others are older still: of use to somebody else, or swept.
            }
            remove(candidate);
            if (candidate.isActive()) {
                return candidate;
            }
            candidate.close();
        }
    }

    /** Takes a connection whose exchange is over. */
    void park(GatewayConnection connection) {
        idle.addFirst(connection);
        gateway.meters().gatewayIdled();
        sweepIn(IDLE_MAX.toNanos());
    }

    private void sweepIn(long nanos) {
        if (!sweepDue) {
            sweepDue = true;
            loop.schedule(this::closeOld, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void closeOld() {
        sweepDue = false;
        while (!idle.isEmpty() && idle.getLast().idleNanos() >= IDLE_MAX.toNanos()) {
            gateway.meters().gatewayTaken();
            idle.removeLast().close();
        }
        if (!idle.isEmpty()) {
            sweepIn(IDLE_MAX.toNanos() - idle.getLast().idleNanos());
        }
    }

    /** Forgets a connection that ended by itself. */
    void remove(GatewayConnection connection) {
        if (idle.remove(connection)) {
            gateway.meters().gatewayTaken();
        }
    }
}
