package dev.portcullis.bench.cost;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * The one thread of the attackers and of nobody else: what it uses is what they spend. The Gateway,
 * the compiler and the collector of their process have threads of their own.
 */
final class AttackerLoop implements AutoCloseable {
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final long thread =
            group.submit(() -> Thread.currentThread().threadId()).syncUninterruptibly().getNow();

    EventLoopGroup group() {
        return group;
    }

    /** User and system time of theirs so far. */
    long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
