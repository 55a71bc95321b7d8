package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is known of the Gateway: learned from the requests that pass, and when somebody asks, from a
 * connect without a byte. Nothing without an identity is ever sent, not even a probe. Any thread.
 */
public final class GatewayHealth {
    /** A Gateway that was there this lately is taken to restart: it takes up to half a minute. */
    private static final long RESTART_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** How long a request that got no answer speaks against the Gateway, if none speaks for it. */
    private static final long FROZEN_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final long ASK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** So that one that answers again is found to within half a second. */
    private static final long TRY_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /**
     * How the Gateway is.
     *
     * @param up whether it took the last connection, and answered
     * @param line one line for an operator
     */
    public record Status(boolean up, String line) {}

    private static final Status UP = new Status(true, "accepts connections");
    private static final Status FROZEN =
            new Status(false, "accepts connections and does not answer");
    private static final Status UNKNOWN = new Status(false, "not connected to yet");

    private final EventLoopGroup loops;
    private final Bootstrap bootstrap;
    private final AtomicLong askedNanos = new AtomicLong(System.nanoTime() - ASK_EVERY_NANOS);
    private volatile Status status = UNKNOWN;
    private volatile long reachedNanos;
    private volatile long answeredNanos = System.nanoTime();
    private volatile long frozenNanos;
    private volatile boolean frozen;
    private final AtomicLong triedNanos = new AtomicLong();

    GatewayHealth(EventLoopGroup loops, Bootstrap bootstrap) {
        this.loops = loops;
        this.bootstrap = bootstrap;
    }

    /** What is known now; asks anew, for the next time, if that is a second old. Never blocks. */
    public Status status() {
        long asked = askedNanos.get();
        long now = System.nanoTime();
        if (now - asked >= ASK_EVERY_NANOS && askedNanos.compareAndSet(asked, now)) {
            ask();
        }
        return isFrozen() ? FROZEN : status;
    }

    private boolean isFrozen() {
        // Evidence grows old: else nobody would send the request that shows that it is over.
        return frozen && System.nanoTime() - frozenNanos < FROZEN_NANOS;
    }

    /** An answer came: whatever was, it is there. */
    void answered() {
        answeredNanos = System.nanoTime();
        if (frozen) {
            frozen = false;
        }
    }

    /**
     * A request got no answer in its time. Nor did any other since it was sent? Then it is not the
     * request that is slow.
     */
    void timedOut(long sentNanos) {
        if (answeredNanos - sentNanos < 0) {
            frozenNanos = System.nanoTime();
            triedNanos.set(frozenNanos);
            frozen = true;
        }
    }

    /** Whether a request should be tried: while nothing is answered, two in a second. */
    boolean mayTry() {
        if (!isFrozen()) {
            return true;
        }
        long tried = triedNanos.get();
        long now = System.nanoTime();
        return now - tried >= TRY_EVERY_NANOS && triedNanos.compareAndSet(tried, now);
    }

    private void ask() {
        bootstrap
                .clone()
                .group(loops.next())
                .handler(new ChannelInboundHandlerAdapter())
                .connect()
                .addListener((ChannelFuture connected) -> {
                    if (connected.isSuccess()) {
                        connected.channel().close();
                        reached();
                    } else {
                        unreachable(connected.cause());
                    }
                });
    }

    void reached() {
        reachedNanos = System.nanoTime();
        if (!status.up()) {
            status = UP;
        }
    }

    /** Notes it; whether the Gateway is likely to be back soon, or is just not there. */
    Reason unreachable(Throwable cause) {
        long reached = reachedNanos;
        boolean wasThere = reached != 0 && System.nanoTime() - reached < RESTART_NANOS;
        status =
                new Status(
                        false, "does not accept connections: " + cause.getClass().getSimpleName());
        return wasThere ? Reason.GATEWAY_STARTING : Reason.GATEWAY_UNREACHABLE;
    }
}
