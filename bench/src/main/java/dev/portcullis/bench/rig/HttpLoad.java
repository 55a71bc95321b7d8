package dev.portcullis.bench.rig;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keep-alive connections, each with one request under way: the next when the last is answered, or
 * so many a second over all of them.
 */
public final class HttpLoad implements Load, HttpConnection.Owner {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Rig rig;
    private final SocketLoad.Pace pace;
    private final List<HttpConnection> connections = new ArrayList<>();
    private final Deque<HttpConnection> free = new ArrayDeque<>();
    private @Nullable Tally tally;
    private int unsent;

    /** Opens connections that ask as fast as they are answered. */
    public HttpLoad(
            Rig rig, Subject to, ClientTls tls, String path, String credentials, int connections) {
        this(
                rig,
                to,
                tls,
                path,
                credentials,
                connections,
                "127.0.0.",
                new SocketLoad.Pace.Closed(1));
    }

    /**
     * Opens connections.
     *
     * @param from the first three numbers of their addresses, and a dot
     */
    public HttpLoad(
            Rig rig,
            Subject to,
            ClientTls tls,
            String path,
            String credentials,
            int connections,
            String from,
            SocketLoad.Pace pace) {
        this.rig = rig;
        this.pace = pace;
        var request = Wire.get(path, credentials);
        var bootstrap =
                new Bootstrap()
                        .group(rig.loops())
                        .channel(EpollSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(tls.handler(channel.alloc(), 0))
                                                .addLast(
                                                        new HttpConnection(
                                                                request,
                                                                Wire.body(path),
                                                                HttpLoad.this));
                                    }
                                });
        for (int i = 0; i < connections; i++) {
            var own = new InetSocketAddress(from + (i % 250 + 1), 0);
            var channel = bootstrap.connect(to.address(), own).syncUninterruptibly().channel();
            this.connections.add(channel.pipeline().get(HttpConnection.class));
        }
    }

    @Override
    public Tally run(int count) throws InterruptedException {
        return begin(count).await(240);
    }

    /** Begins a window and does not wait for its end. */
    public Tally begin(int count) {
        var window = new Tally(count);
        rig.loops().execute(() -> begin(window, count));
        return window;
    }

    private void begin(Tally window, int count) {
        tally = window;
        unsent = count;
        free.clear();
        free.addAll(connections);
        switch (pace) {
            case SocketLoad.Pace.Closed _ -> connections.forEach(this::next);
            case SocketLoad.Pace.Fixed(int perSecond) ->
                    tick(window, perSecond, count, System.nanoTime());
        }
    }

    private void next(HttpConnection connection) {
        if (unsent > 0) {
            unsent--;
            connection.send(System.nanoTime());
        }
    }

    /** What finds no connection free waits for one, and its time counts from when it was due. */
    private void tick(Tally window, int perSecond, int count, long begunNanos) {
        long due = Math.min(count, (System.nanoTime() - begunNanos) * perSecond / SECOND);
        for (int sent = count - unsent; sent < due && !free.isEmpty(); sent++) {
            free.remove().send(begunNanos + sent * SECOND / perSecond);
            unsent--;
        }
        if (unsent > 0 && window.problem() == null) {
            rig.loops()
                    .schedule(
                            () -> tick(window, perSecond, count, begunNanos),
                            1,
                            TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void answered(HttpConnection connection, long latencyNanos) {
        if (tally != null) {
            tally.good(latencyNanos);
            if (pace instanceof SocketLoad.Pace.Closed) {
                next(connection);
            } else {
                free.add(connection);
            }
        }
    }

    @Override
    public void failed(String why) {
        if (tally != null) {
            tally.bad(why);
        }
    }

    @Override
    public void close() {
        rig.loops().submit(() -> connections.forEach(HttpConnection::close)).syncUninterruptibly();
    }
}
