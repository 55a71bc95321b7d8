package dev.portcullis.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TransportTest {
    private static final int CONNECTIONS = 300;

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger readsOfATurn = new AtomicInteger();
    private final CountDownLatch allRead = new CountDownLatch(CONNECTIONS);

    /** What is closed is given back between turns: thousands of connections must not be one. */
    @Test
    void turnOfALoop_isSixtyFourConnections() throws Exception {
        try (var transport = Transport.start(1)) {
            var address = listen(transport);
            var clients = new ArrayList<Socket>();
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(new Socket(address.getAddress(), address.getPort()));
            }
            while (opened.get() < CONNECTIONS) {
                Thread.onSpinWait();
            }
            var all = new CountDownLatch(1);
            var held = new CountDownLatch(1);
            transport
                    .loops()
                    .next()
                    .execute(() -> {
                        held.countDown();
                        await(all);
                    });
            await(held);
            for (var client : clients) {
                client.getOutputStream().write(1);
            }
            all.countDown();
            assertThat(allRead.await(10, TimeUnit.SECONDS)).isTrue();
            for (var client : clients) {
                client.close();
            }
        }
        assertThat(readsOfATurn.get()).isBetween(1, 64);
    }

    @Test
    void acceptedConnection_hasTheBoundOfItsListener() throws Exception {
        var accepted = new CompletableFuture<Channel>();
        try (var transport = Transport.start(1)) {
            var listener =
                    new ServerBootstrap()
                            .group(transport.loops())
                            .channel(transport.serverChannelType())
                            .childHandler(
                                    new ChannelInitializer<>() {
                                        @Override
                                        protected void initChannel(Channel channel) {
                                            accepted.complete(channel);
                                        }
                                    });
            transport.boundSendBuffers(listener, 48 * 1024);
            var bound = listener.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            var address = (InetSocketAddress) bound.localAddress();
            try (var _ = new Socket(address.getAddress(), address.getPort())) {
                var channel = accepted.join();
                assertThat(channel.config().getOption(ChannelOption.SO_SNDBUF))
                        .isIn(48 * 1024, 96 * 1024); // Linux doubles it.
                assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
            }
        }
    }

    private InetSocketAddress listen(Transport transport) {
        var handler =
                new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        opened.incrementAndGet();
                        channel.pipeline().addLast(new Counting());
                    }
                };
        return (InetSocketAddress)
                new ServerBootstrap()
                        .group(transport.loops())
                        .channel(transport.serverChannelType())
                        .childHandler(handler)
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .syncUninterruptibly()
                        .channel()
                        .localAddress();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Counting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            if (reads.incrementAndGet() == 1) {
                ctx.executor().execute(() -> readsOfATurn.set(reads.get()));
            }
            allRead.countDown();
        }
    }
}
