package dev.portcullis.bench.hostile;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.Subject;
import dev.portcullis.bench.rig.Wire;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ten thousand connections from 127.0.2.0/24, in four kinds that take turns. A hostile crowd means
 * harm with each of them; a harmless one opens as many, shakes hands as often, and asks once.
 */
final class Crowd {
    private static final int IN_ALL = 10_000;
    private static final int AT_ONCE = 6_000;
    private static final int TICK_MILLIS = 10;
    private static final int REQUESTS_OF_A_FLOOD = 50;

    /** The start of a ClientHello that says it is 512 bytes long. */
    private static final ByteBuf HALF_HELLO =
            Wire.text("\u0016\u0003\u0001\u0002\u0000\u0001\u0000");

    private enum Kind {
        SLOW_HEAD,
        HALF_HANDSHAKE,
        RESET,
        FLOOD
    }

    private final Rig rig;
    private final Subject to;
    private final ClientTls tls;
    private final boolean hostile;
    private final int seconds;
    private final ByteBuf good;
    private final ByteBuf flood;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private volatile boolean stopped;

    /**
     * @param credentials of the harmless
     * @param seconds over which they come
     */
    Crowd(Rig rig, Subject to, ClientTls tls, boolean hostile, String credentials, int seconds) {
        this.rig = rig;
        this.to = to;
        this.tls = tls;
        this.hostile = hostile;
        this.seconds = seconds;
        this.good = Wire.get(Wire.SMALL, credentials);
        this.flood = Wire.get(Wire.SMALL, "Authorization: Bearer no\r\n");
    }

    void begin() {
        long now = System.nanoTime();
        rig.loops().execute(() -> tick(now));
    }

    private void tick(long begunNanos) {
        double passed = (System.nanoTime() - begunNanos) / 1e9 / seconds;
        long due = Math.min(IN_ALL, (long) (passed * IN_ALL));
        while (opened.get() < due && open.size() < AT_ONCE) {
            connect(opened.getAndIncrement());
        }
        most.accumulateAndGet(open.size(), Math::max);
        if (!stopped && opened.get() < IN_ALL) {
            rig.loops().schedule(() -> tick(begunNanos), TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void connect(int number) {
        var kind = Kind.values()[number % Kind.values().length];
        var own = new InetSocketAddress("127.0.2." + (number % 250 + 1), 0);
        boolean encrypted = kind == Kind.SLOW_HEAD || kind == Kind.FLOOD;
        new Bootstrap()
                .group(rig.loops())
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                if (encrypted) {
                                    channel.pipeline().addLast(tls.handler(channel.alloc(), 0));
                                }
                                channel.pipeline().addLast(new Visitor(kind));
                            }
                        })
                .connect(to.address(), own)
                .addListener((ChannelFuture done) -> {
                    if (done.isSuccess()) {
                        open.add(done.channel());
                    }
                });
    }

    /** Ends what is left of it. */
    void end() {
        stopped = true;
        open.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    @Override
    public String toString() {
        return "%,d connections, %,d at once".formatted(opened.get(), most.get());
    }

    private final class Visitor extends ChannelInboundHandlerAdapter {
        private final Kind kind;

        Visitor(Kind kind) {
            this.kind = kind;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (hostile && kind == Kind.HALF_HANDSHAKE) {
                ctx.writeAndFlush(HALF_HELLO.duplicate());
            } else if (kind == Kind.RESET) {
                if (hostile) {
                    ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                    ctx.write(HALF_HELLO.duplicate());
                }
                ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
            }
            ctx.fireChannelActive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof SslHandshakeCompletionEvent done) || !done.isSuccess()) {
                return;
            }
            if (!hostile) {
                ctx.writeAndFlush(good.duplicate());
            } else if (kind == Kind.SLOW_HEAD) {
                ctx.writeAndFlush(Wire.text("GET / HTTP/1.1\r\n"));
                drip(ctx);
            } else {
                for (int i = 0; i < REQUESTS_OF_A_FLOOD; i++) {
                    ctx.write(flood.duplicate());
                }
                ctx.flush();
            }
        }

        private void drip(ChannelHandlerContext ctx) {
            ctx.executor()
                    .schedule(
                            () -> {
                                if (ctx.channel().isActive()) {
                                    ctx.writeAndFlush(Wire.text("a"));
                                    drip(ctx);
                                }
                            },
                            1,
                            TimeUnit.SECONDS);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            if (!hostile && kind == Kind.FLOOD) {
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
