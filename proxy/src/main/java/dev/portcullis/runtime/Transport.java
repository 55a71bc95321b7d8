package dev.portcullis.runtime;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loops, over epoll where the kernel has it and NIO elsewhere. Both sides of a relayed
 * connection live on one loop. One of them accepts for all: a thread that did nothing else would
 * have to wake another for every connection.
 *
 * @param loops takes connections and carries them
 * @param threads how many loops
 * @param channelType of connections to the Gateway
 * @param serverChannelType of listeners
 */
public record Transport(
        EventLoopGroup loops,
        int threads,
        Class<? extends Channel> channelType,
        Class<? extends ServerChannel> serverChannelType)
        implements AutoCloseable {
    /** SOL_SOCKET and SO_SNDBUF, for a listener. */
    private static final ChannelOption<Integer> SEND_BUFFER =
            new IntegerUnixChannelOption("SO_SNDBUF", 1, 7);

    /** How much room what is read gets: what was read last says. One for all connections. */
    public static final RecvByteBufAllocator READ_SIZES =
            new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(16);

    /**
     * Connections that a loop serves in one turn. What is closed in a turn is given back behind it,
     * so that a burst over thousands of connections could not be stopped by closing them.
     */
    private static final int TURN = 64;

    /**
     * Starts the loops.
     *
     * @param threads how many, at least 1
     */
    public static Transport start(int threads) {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io =
                epoll
                        ? EpollIoHandler.newFactory(TURN, DefaultSelectStrategyFactory.INSTANCE)
                        : NioIoHandler.newFactory();
        return new Transport(
                group("portcullis-io", threads, io),
                threads,
                epoll ? EpollSocketChannel.class : NioSocketChannel.class,
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
    }

    private static EventLoopGroup group(String name, int threads, IoHandlerFactory io) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name), io);
    }

    /**
     * Bounds what the kernel keeps of what is sent on accepted connections. They inherit it from
     * their listener where Netty can set it there, which spares two calls for each.
     *
     * @param bytes which Linux doubles (socket(7))
     */
    public void boundSendBuffers(ServerBootstrap listener, int bytes) {
        if (channelType == EpollSocketChannel.class) {
            listener.option(SEND_BUFFER, bytes);
        } else {
            listener.childOption(ChannelOption.SO_SNDBUF, bytes);
        }
    }

    /** The name of the mechanism: {@code epoll} or {@code nio}. */
    public String name() {
        return channelType == EpollSocketChannel.class ? "epoll" : "nio";
    }

    /** Ends the loops; blocks for at most two seconds. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
