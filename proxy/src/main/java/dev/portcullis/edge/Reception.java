package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.TrustedBalancers;
import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.AddressKey;
import dev.portcullis.policy.ConnectionLimit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
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
    /** To make room on another event loop: what is free there, newcomers of all loops may take. */
    private static final int TRIES = 3;

    private final ConnectionLimit limit;
    private final Unproven unproven;
    private final Meters meters;
    private final TrustedBalancers balancers;
    private final Supplier<LimitsConfig> limits;
    private final BooleanSupplier overloaded;
    private final HandshakesUnderWay awaited;

    /**
     * @param unproven those that make room when there are too many
     * @param overloaded whether memory is short: what is new is turned away
     * @param awaited connections of balancers that have not said who it is: one too many ends the
     *     oldest
     */
    Reception(
            ConnectionLimit limit,
            Unproven unproven,
            Meters meters,
            TrustedBalancers balancers,
            Supplier<LimitsConfig> limits,
            BooleanSupplier overloaded,
            HandshakesUnderWay awaited) {
        this.limit = limit;
        this.unproven = unproven;
        this.meters = meters;
        this.balancers = balancers;
        this.limits = limits;
        this.overloaded = overloaded;
        this.awaited = awaited;
    }

    /** Hands the connection on if it may stay; it is counted until it closes. */
    void receive(Channel channel, Consumer<Channel> open) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress peer)) {
            channel.close(); // Gone before it was accepted.
        } else if (overloaded.getAsBoolean()) {
            refuse(channel, Limit.MEMORY);
        } else if (balancers.contains(peer.getAddress())) {
            identify(channel, open);
        } else {
            Consumer<Channel> accept = this::accepted;
            admit(channel, peer.getAddress(), accept.andThen(open));
        }
    }

    private void accepted(Channel channel) {
        meters.connectionOpened();
        channel.closeFuture().addListener(_ -> meters.connectionClosed());
    }

    /** Until it is known who it is, it takes nobody's place: nobody makes room for it. */
    private void identify(Channel channel, Consumer<Channel> open) {
        accepted(channel);
        awaited.begun(channel);
        ChannelFutureListener gone = _ -> awaited.over(channel);
        channel.closeFuture().addListener(gone);
        var header =
                new ProxyProtocolHandler(
                        limits.get().handshakeTime(),
                        (client, goOn) -> {
                            if (channel.isOpen()) {
                                channel.closeFuture().removeListener(gone);
                                awaited.over(channel);
                                var next = open.andThen(_ -> goOn.run());
                                admit(channel, client.getAddress(), next);
                            }
                        });
        channel.pipeline().addLast("proxy-protocol", header);
    }

    private void admit(Channel channel, InetAddress client, Consumer<Channel> open) {
        if (isCountedToItsAddress(channel, client)) {
            count(channel, AddressKey.of(client), open);
        }
    }

    private boolean isCountedToItsAddress(Channel channel, InetAddress client) {
        if (!limit.tryOpenFrom(client)) {
            refuse(channel, Limit.CONNECTIONS_PER_ADDRESS);
            return false;
        }
        channel.closeFuture().addListener(_ -> limit.closedFrom(client));
        return true;
    }

    /** Counts the connection in, perhaps in place of another, and goes on; or refuses it. */
    private void count(Channel channel, AddressKey from, Consumer<Channel> open) {
        var loop = channel.eventLoop();
        if (limit.tryOpen() || (mayMakeRoom() && isRoomMade(loop, from))) {
            counted(channel, from, open);
        } else if (mayMakeRoom()) {
            makeRoomElsewhere(channel, from, open, TRIES);
        } else {
            refuse(channel, Limit.CONNECTIONS);
        }
    }

    /** Whoever only holds a place must not keep out whoever is new. */
    private boolean mayMakeRoom() {
        return limit.oneLessIsRoom();
    }

    private boolean isRoomMade(EventLoop loop, AddressKey from) {
        if (!unproven.cutOldest(loop, from)) {
            return false;
        }
        meters.limitReached(Limit.CONNECTIONS);
        return limit.tryOpen();
    }

    private void makeRoomElsewhere(
            Channel channel, AddressKey from, Consumer<Channel> open, int tries) {
        unproven.cutElsewhere(
                channel.eventLoop(),
                from,
                cut -> tryAgain(channel, from, open, cut ? tries - 1 : 0));
    }

    private void tryAgain(Channel channel, AddressKey from, Consumer<Channel> open, int tries) {
        if (!channel.isOpen()) {
            return;
        }
        if (!limit.tryOpen()) { // There is none, or another one was sooner.
            if (tries > 0 && mayMakeRoom()) {
                makeRoomElsewhere(channel, from, open, tries);
            } else {
                refuse(channel, Limit.CONNECTIONS);
            }
            return;
        }
        meters.limitReached(Limit.CONNECTIONS);
        try {
            counted(channel, from, open);
        } catch (RuntimeException | Error fault) { // Nobody else closes what has no stages.
            channel.close();
            throw fault;
        }
    }

    private void counted(Channel channel, AddressKey from, Consumer<Channel> open) {
        channel.closeFuture().addListener(_ -> limit.closed());
        unproven.begin(channel, from);
        open.accept(channel);
    }

    private void refuse(Channel channel, Limit reached) {
        meters.connectionRefused(reached);
        channel.close();
    }
}
