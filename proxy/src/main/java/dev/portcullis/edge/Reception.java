package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.TrustedBalancers;
import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.ConnectionLimit;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where each connection arrives, before it costs anything: counts it, closes unread what is too
 * many, or the oldest that has proven nothing in its place, and learns from a trusted balancer who
 * it is.
 */
final class Reception {
    private final ConnectionLimit limit;
    private final Unproven unproven;
    private final Meters meters;
    private final TrustedBalancers balancers;
    private final Supplier<LimitsConfig> limits;
    private final BooleanSupplier overloaded;

    /**
     * @param unproven those that make room when there are too many
     * @param overloaded whether memory is short: what is new is turned away
     */
    Reception(
            ConnectionLimit limit,
            Unproven unproven,
            Meters meters,
            TrustedBalancers balancers,
            Supplier<LimitsConfig> limits,
            BooleanSupplier overloaded) {
        this.limit = limit;
        this.unproven = unproven;
        this.meters = meters;
        this.balancers = balancers;
        this.limits = limits;
        this.overloaded = overloaded;
    }

    /** Hands the connection on if it may stay; it is counted until it closes. */
    void receive(Channel channel, Consumer<Channel> open) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress peer)) {
            channel.close(); // Gone before it was accepted.
        } else if (overloaded.getAsBoolean()) {
            refuse(channel, Limit.MEMORY);
        } else if (!isRoom(channel)) {
            refuse(channel, Limit.CONNECTIONS);
        } else {
            meters.connectionOpened();
            channel.closeFuture()
                    .addListener(_ -> {
                        limit.closed();
                        meters.connectionClosed();
                    });
            unproven.begin(channel);
            identify(channel, peer, open);
        }
    }

    /** Whoever only holds a place must not keep out whoever is new. */
    private boolean isRoom(Channel channel) {
        while (!limit.tryOpen()) { // What is freed here another loop may take.
            if (!unproven.cutOldest(channel.eventLoop())) {
                return false;
            }
            meters.limitReached(Limit.CONNECTIONS);
        }
        return true;
    }

    private void identify(Channel channel, InetSocketAddress peer, Consumer<Channel> open) {
        if (balancers.contains(peer.getAddress())) {
            var header =
                    new ProxyProtocolHandler(
                            limits.get().handshakeTime(),
                            client -> admit(channel, client.getAddress(), open));
            channel.pipeline().addLast("proxy-protocol", header);
        } else {
            admit(channel, peer.getAddress(), open);
        }
    }

    private void admit(Channel channel, InetAddress client, Consumer<Channel> open) {
        if (limit.tryOpenFrom(client)) {
            channel.closeFuture().addListener(_ -> limit.closedFrom(client));
            open.accept(channel);
        } else {
            refuse(channel, Limit.CONNECTIONS_PER_ADDRESS);
        }
    }

    private void refuse(Channel channel, Limit reached) {
        meters.connectionRefused(reached);
        channel.close();
    }
}
