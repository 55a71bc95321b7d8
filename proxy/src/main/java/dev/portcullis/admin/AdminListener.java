package dev.portcullis.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The operators' listener: {@code /live}, {@code /ready}, {@code /metrics} over plain HTTP on a
 * loopback address. It has a thread of its own, so that it answers when the others are busy.
 */
public final class AdminListener implements AutoCloseable {
    private static final int CONNECTIONS_MAX = 64;
    private static final int LINE_BYTES_MAX = 1024;
    private static final int HEADER_BYTES_MAX = 4096;
    private static final int TIMEOUT_SECONDS = 10;
    private static final int BACKLOG = 64;

    private final EventLoopGroup loop;
    private final ChannelGroup connections;
    private final Channel channel;

    private AdminListener(EventLoopGroup loop, ChannelGroup connections, Channel channel) {
        this.loop = loop;
        this.connections = connections;
        this.channel = channel;
    }

    /**
     * Binds and begins to answer. Blocks until bound.
     *
     * @param listen a loopback literal; port 0 for any
     * @param checks what readiness consists of
     * @param metrics the Prometheus text
     * @throws IOException if it cannot bind; names the key and the address
     */
    public static AdminListener start(
            InetSocketAddress listen, List<HealthCheck> checks, Supplier<String> metrics)
            throws IOException {
        if (listen.isUnresolved() || !listen.getAddress().isLoopbackAddress()) {
            throw new IOException("admin.listen: " + listen + " (expected: a loopback literal)");
        }
        var loop =
                new MultiThreadIoEventLoopGroup(
                        1,
                        new DefaultThreadFactory("portcullis-admin", true),
                        NioIoHandler.newFactory());
        var connections = new DefaultChannelGroup(loop.next());
        var bound =
                bootstrap(loop, connections, new AdminAnswers(checks, metrics))
                        .bind(listen)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stop(loop);
            throw new IOException(
                    "admin.listen: cannot bind "
                            + listen.getHostString()
                            + ":"
                            + listen.getPort()
                            + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return new AdminListener(loop, connections, bound.channel());
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Stops at once; blocks until the port is free. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        stop(loop);
    }

    private static ServerBootstrap bootstrap(
            EventLoopGroup loop, ChannelGroup connections, AdminAnswers answers) {
        return new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel connection) {
                                if (connections.size() >= CONNECTIONS_MAX) {
                                    connection.close();
                                    return;
                                }
                                connections.add(connection);
                                addHandlers(connection, answers);
                            }
                        });
    }

    private static void addHandlers(Channel connection, AdminAnswers answers) {
        var limits =
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(LINE_BYTES_MAX)
                        .setMaxHeaderSize(HEADER_BYTES_MAX);
        connection
                .pipeline()
                .addLast("read-timeout", new ReadTimeoutHandler(TIMEOUT_SECONDS))
                .addLast("write-timeout", new WriteTimeoutHandler(TIMEOUT_SECONDS))
                .addLast("http", new HttpServerCodec(limits))
                .addLast("answers", new AdminHandler(answers));
    }

    private static void stop(EventLoopGroup loop) {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
