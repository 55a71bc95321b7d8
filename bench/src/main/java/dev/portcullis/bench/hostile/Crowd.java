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
 * Many connections from 127.0.2.0/24, in kinds that take turns. A hostile crowd means harm with
 * each of them; a harmless one opens as many, which stay as long, shakes hands as often, and asks
 * as often. Both come evenly in the first part of the time, but wait while six thousand are open.
 */
final class Crowd {
    /** So many may be open at once, those on their way included. */
    static final int AT_ONCE = 6_000;

    private static final int TICK_MILLIS = 10;
    private static final int AGAIN_MILLIS = 100;

    private final Rig rig;
    private final Subject to;
    private final Mix mix;
    private final int seconds;
    private final Count count;
    private final Map<Kind, Bootstrap> connecting = new EnumMap<>(Kind.class);
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private int begun;
    private int most;
    private boolean stopped;

    /**
     * @param credentials of the harmless
     * @param seconds of the phase
     */
    Crowd(
            Rig rig,
            Subject to,
            ClientTls tls,
            Mix mix,
            boolean hostile,
            String credentials,
            int seconds) {
        this.rig = rig;
        this.to = to;
        this.mix = mix;
        this.seconds = seconds;
        this.count = new Count(mix);
        var words = new Words(tls, credentials);
        for (var kind : Kind.values()) {
            connecting.put(
                    kind,
                    new Bootstrap()
                            .group(rig.loops())
                            .channel(EpollSocketChannel.class)
                            .option(ChannelOption.TCP_NODELAY, true)
                            .handler(visitors(kind, hostile, tls, words, count)));
        }
    }

    private static ChannelInitializer<Channel> visitors(
            Kind kind, boolean hostile, ClientTls tls, Words words, Count count) {
        // The hostile half of a handshake is a recorded one, which costs nothing to send.
        boolean encrypted = kind.shakesHands() && !(hostile && kind == Kind.HALF_HANDSHAKE);
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (encrypted) {
                    channel.pipeline().addLast(tls.handler(channel.alloc(), 0));
                }
                channel.pipeline()
                        .addLast(
                                hostile
                                        ? new HostileVisitor(kind, words, count)
                                        : new HarmlessVisitor(kind, words, count));
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
        double passed = (System.nanoTime() - begunNanos) / 1e9 / (seconds * mix.coming());
        long due = Math.min(mix.connections(), (long) (passed * mix.connections()));
        while (begun < due && open.size() < AT_ONCE) {
            connect(begun++);
        }
        most = Math.max(most, open.size());
        if (begun < mix.connections()) {
            rig.loops().schedule(() -> tick(begunNanos), TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void connect(int number) {
        if (stopped) {
            return;
        }
        var own = new InetSocketAddress("127.0.2." + (number % 250 + 1), 0);
        var kind = mix.kind(number);
        var connected = Objects.requireNonNull(connecting.get(kind)).connect(to.address(), own);
        open.add(connected.channel()); // At once, so that those on their way count.
        connected.addListener(done -> {
            if (done.isSuccess()) {
                count.opened(kind);
            } else {
                rig.loops().schedule(() -> connect(number), AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    /** Ends what is left of it. */
    void end() {
        rig.loops().submit(() -> stopped = true).syncUninterruptibly();
        open.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    /** What came of it. */
    Count count() {
        return count;
    }

    /** The most that were open at once. */
    int most() {
        return most;
    }
}
