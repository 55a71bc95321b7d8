package dev.portcullis.bench.hostile;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.Subject;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Ten thousand connections from 127.0.2.0/24, in kinds that take turns. A hostile crowd means harm
 * with each of them; a harmless one opens as many, shakes hands as often, and asks as often. Both
 * come evenly in the first three fifths of the time, but wait while six thousand are open.
 */
final class Crowd {
    private static final int IN_ALL = 10_000;
    private static final int AT_ONCE = 6_000;
    private static final double COMING = 0.6;
    private static final int TICK_MILLIS = 10;

    /** Most of them are of those that stay: resets are gone at once. */
    private static final Kind[] TURNS = {
        Kind.SLOW_HEAD, Kind.HALF_HANDSHAKE, Kind.SLOW_HEAD, Kind.HALF_HELLO,
        Kind.RESET, Kind.SLOW_HEAD, Kind.HALF_HANDSHAKE, Kind.FLOOD,
        Kind.SLOW_HEAD, Kind.HALF_HELLO, Kind.SLOW_HEAD, Kind.HALF_HANDSHAKE,
        Kind.RESET, Kind.SLOW_HEAD, Kind.HALF_HANDSHAKE, Kind.GUESS
    };

    /** What a connection of a hostile crowd does. */
    enum Kind {
        /** A head of a byte a second. */
        SLOW_HEAD,
        /** A ClientHello, which is answered, and then silence. */
        HALF_HANDSHAKE,
        /** Half a ClientHello, and then silence. */
        HALF_HELLO,
        /** Closed with a reset as soon as it is open. */
        RESET,
        /** Requests that are refused, as fast as they are taken. */
        FLOOD,
        /** A made-up token. */
        GUESS
    }

    private final Rig rig;
    private final Subject to;
    private final int seconds;
    private final Map<Kind, Bootstrap> connecting = new EnumMap<>(Kind.class);
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private int opened;
    private int most;
    private boolean stopped;

    /**
     * @param credentials of the harmless
     * @param seconds of the phase
     */
    Crowd(Rig rig, Subject to, ClientTls tls, boolean hostile, String credentials, int seconds) {
        this.rig = rig;
        this.to = to;
        this.seconds = seconds;
        var words = new Words(tls, credentials);
        for (var kind : Kind.values()) {
            connecting.put(
                    kind,
                    new Bootstrap()
                            .group(rig.loops())
                            .channel(EpollSocketChannel.class)
                            .option(ChannelOption.TCP_NODELAY, true)
                            .handler(visitors(kind, hostile, tls, words)));
        }
    }

    private static ChannelInitializer<Channel> visitors(
            Kind kind, boolean hostile, ClientTls tls, Words words) {
        boolean encrypted =
                switch (kind) {
                    case SLOW_HEAD, FLOOD, GUESS -> true;
                    case HALF_HANDSHAKE -> !hostile;
                    case HALF_HELLO, RESET -> false;
                };
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (encrypted) {
                    channel.pipeline().addLast(tls.handler(channel.alloc(), 0));
                }
                channel.pipeline()
                        .addLast(
                                hostile
                                        ? new HostileVisitor(kind, words)
                                        : new HarmlessVisitor(kind, words));
            }
        };
    }

    void begin() {
        long now = System.nanoTime();
        rig.loops().execute(() -> tick(now));
    }

    private void tick(long begunNanos) {
        if (stopped) {
            return; // Whoever is gone now makes no room for others.
        }
        double passed = (System.nanoTime() - begunNanos) / 1e9 / (seconds * COMING);
        long due = Math.min(IN_ALL, (long) (passed * IN_ALL));
        while (opened < due && open.size() < AT_ONCE) {
            connect(opened++);
        }
        most = Math.max(most, open.size());
        if (opened < IN_ALL) {
            rig.loops().schedule(() -> tick(begunNanos), TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void connect(int number) {
        var own = new InetSocketAddress("127.0.2." + (number % 250 + 1), 0);
        var visitor = Objects.requireNonNull(connecting.get(TURNS[number % TURNS.length]));
        var channel = visitor.connect(to.address(), own).channel();
        open.add(channel); // At once, so that those on their way count.
    }

    /** Ends what is left of it. */
    void end() {
        rig.loops().submit(() -> stopped = true).syncUninterruptibly();
        open.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    @Override
    public String toString() {
        return "%,d connections, %,d at once".formatted(opened, most);
    }
}
