package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.ConnectionLimit;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/** Counts connections before they cost anything, and closes those that are too many unread. */
final class ConnectionGuard {
    private final ConnectionLimit limit;
    private final Meters meters;

    ConnectionGuard(ConnectionLimit limit, Meters meters) {
        this.limit = limit;
        this.meters = meters;
    }

    /** Whether the connection may stay. If so it is counted until it closes. */
    boolean admits(Channel channel) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress remote)) {
            return false; // Gone before it was accepted.
        }
        var address = remote.getAddress();
        return switch (limit.tryOpen(address)) {
            case ADMITTED -> {
                meters.connectionOpened();
                channel.closeFuture()
                        .addListener(_ -> {
                            limit.closed(address);
                            meters.connectionClosed();
                        });
                yield true;
            }
            case TOO_MANY -> refuse(Limit.CONNECTIONS);
            case TOO_MANY_FROM_ADDRESS -> refuse(Limit.CONNECTIONS_PER_ADDRESS);
        };
    }

    private boolean refuse(Limit reached) {
        meters.connectionRefused(reached);
        return false;
    }
}
