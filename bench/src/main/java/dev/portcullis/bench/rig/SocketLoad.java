package dev.portcullis.bench.rig;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Open WebSockets that all go through one proxy: echoes as fast as they come back, at a fixed pace,
 * or none at all.
 */
public final class SocketLoad implements Load, EchoSocket.Owner {
    private static final int OPENING_AT_ONCE = 32;
    private static final int TICK_MICROS = 1000;

    private final Rig rig;
    private final Frames frames;
    private final int wanted;
    private final Pace pace;
    private final Bootstrap bootstrap;
    private final String from;
    private final Subject to;
    private final List<EchoSocket> sockets = new ArrayList<>();
    private final @Nullable String openingProblem;
    private @Nullable Tally tally;
    private int unopened;
    private int unsent;

    /** How messages follow one another. */
    public sealed interface Pace {
        /**
         * The next ones when the last ones are back.
         *
         * @param outstanding of each socket
         */
        record Closed(int outstanding) implements Pace {}

        /**
         * So many a second over all sockets, whatever comes back; latency counts from when each was
         * due.
         */
        record Fixed(int perSecond) implements Pace {}
    }

    /** Opens sockets from one address. */
    public SocketLoad(
            Rig rig,
            Subject to,
            ClientTls tls,
            String credentials,
            Frames frames,
            int sockets,
            Pace pace)
            throws InterruptedException {
        this(rig, to, tls, credentials, frames, sockets, "127.0.0.", pace);
    }

    /**
     * Opens sockets.
     *
     * @param from the first three numbers of their addresses, and a dot
     */
    public SocketLoad(
            Rig rig,
            Subject to,
            ClientTls tls,
            String credentials,
            Frames frames,
            int sockets,
            String from,
            Pace pace)
            throws InterruptedException {
        this.from = from;
        this.to = to;
        this.rig = rig;
        this.frames = frames;
        this.wanted = sockets;
        this.pace = pace;
        this.bootstrap = bootstrap(rig, tls, Wire.upgrade(credentials));
        var opening = new Tally(sockets);
        onLoop(() -> {
            tally = opening;
            unopened = wanted;
            for (int i = 0; i < OPENING_AT_ONCE; i++) {
                connect();
            }
        });
        openingProblem = opening.await(60).problem();
    }

    private Bootstrap bootstrap(Rig rig, ClientTls tls, ByteBuf upgrade) {
        return new Bootstrap()
                .group(rig.loops())
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(tls.handler(channel.alloc(), 0))
                                        .addLast(new EchoSocket(frames, upgrade, SocketLoad.this));
                            }
                        });
    }

    private void connect() {
        if (unopened > 0) {
            unopened--;
            var own = new InetSocketAddress(from + (unopened % 250 + 1), 0);
            bootstrap
                    .connect(to.address(), own)
                    .addListener((ChannelFuture connected) -> {
                        if (!connected.isSuccess()) {
                            failed(String.valueOf(connected.cause()));
                        }
                    });
        }
    }

    @Override
    public void opened(EchoSocket socket) {
        sockets.add(socket);
        good(0);
        connect();
    }

    private void onLoop(Runnable task) {
        rig.loops().execute(task);
    }

    @Override
    public Tally run(int count) throws InterruptedException {
        return begin(count).await(240);
    }

    /** Begins a window and does not wait for its end. */
    public Tally begin(int count) {
        var window = new Tally(count);
        onLoop(() -> {
            tally = window;
            if (openingProblem != null) {
                failed(sockets.size() + " sockets open: " + openingProblem);
            }
            unsent = count;
            switch (pace) {
                case Pace.Closed(int outstanding) ->
                        sockets.forEach(socket -> sendMore(socket, outstanding));
                case Pace.Fixed(int perSecond) -> tick(window, perSecond, count, System.nanoTime());
            }
        });
        return window;
    }

    private void sendMore(EchoSocket socket, int messages) {
        int now = Math.min(messages, unsent);
        if (now > 0) {
            unsent -= now;
            socket.send(now, System.nanoTime());
        }
    }

    private void tick(Tally window, int perSecond, int count, long begunNanos) {
        long second = TimeUnit.SECONDS.toNanos(1);
        long due = (System.nanoTime() - begunNanos) * perSecond / second;
        for (int sent = count - unsent; sent < Math.min(due, count); sent++) {
            sockets.get(sent % sockets.size()).send(1, begunNanos + sent * second / perSecond);
            unsent--;
        }
        if (unsent > 0 && window.problem() == null) {
            rig.loops()
                    .schedule(
                            () -> tick(window, perSecond, count, begunNanos),
                            TICK_MICROS,
                            TimeUnit.MICROSECONDS);
        }
    }

    @Override
    public void echoed(EchoSocket socket, int count) {
        for (int n = count; n > 0; n--) {
            good(socket.latencyNanos(n));
        }
        if (pace instanceof Pace.Closed) {
            sendMore(socket, count);
        }
    }

    private void good(long nanos) {
        if (tally != null) {
            tally.good(nanos);
        }
    }

    @Override
    public void failed(String why) {
        if (tally != null) {
            tally.bad(why);
        }
    }

    /** How many of the sockets are open now. */
    public int live() {
        return rig.loops()
                .submit(() -> (int) sockets.stream().filter(EchoSocket::isOpen).count())
                .syncUninterruptibly()
                .getNow();
    }

    @Override
    public void close() {
        rig.loops().submit(() -> sockets.forEach(EchoSocket::close)).syncUninterruptibly();
    }
}
