package dev.portcullis.bench.cost;

import dev.portcullis.bench.cost.Attack.Ending;
import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Subject;
import dev.portcullis.bench.rig.Wire;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Many connections of one attack, from 127.0.2.0/24, and the bytes that they send and get. */
final class Attackers {
    private static final ByteBuf STATUS_LINE = Wire.text("HTTP/1.1 ");
    private static final int RESET_MILLIS = 20;
    private static final int ADDRESSES = 250;
    private static final int READY_SECONDS = 30;

    private final Subject to;
    private final ClientTls tls;
    private final Attack attack;
    private final ByteBuf upgrade;
    private final Bootstrap bootstrap;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger limited = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger handshakes = new AtomicInteger();
    private final AtomicInteger began = new AtomicInteger();
    private final AtomicInteger ready = new AtomicInteger();
    private volatile boolean comesAgain;

    /**
     * @param cookie of those who have to be signed in first
     */
    Attackers(AttackerLoop loop, Subject to, ClientTls tls, String cookie, Attack attack)
            throws IOException {
        this.to = to;
        this.tls =
                switch (attack.layer()) {
                    case HTTP2 -> tls.withHttp2();
                    case KEY_UPDATES -> tls.withKeyUpdates();
                    case TCP, BALANCER, TLS, SOCKET -> tls;
                };
        this.attack = attack;
        this.upgrade = Wire.upgrade(cookie);
        this.bootstrap =
                new Bootstrap()
                        .group(loop.group())
                        .channel(EpollSocketChannel.class)
                        .option(ChannelOption.SO_RCVBUF, 16 * 1024)
                        .option(ChannelOption.AUTO_READ, attack.ending() != Ending.NEVER_READS)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        begun(channel);
                                    }
                                });
    }

    private void begun(Channel channel) {
        channel.pipeline().addLast(new Counter());
        if (attack.layer().isEncrypted()) {
            channel.pipeline().addLast(tls.handler(channel.alloc(), 0));
        }
        channel.pipeline().addLast(new Attacker());
    }

    /** Connects all of them, which stay until they are cut or {@link #end} comes. */
    void begin(int count) {
        for (int i = 0; i < count; i++) {
            connect("127.0.2." + (i % ADDRESSES + 1));
        }
    }

    /** The same from one address, and whoever is cut comes again. */
    void beginFromOne(int count) {
        comesAgain = true;
        for (int i = 0; i < count; i++) {
            connect("127.0.3.1");
        }
    }

    private void connect(String from) {
        var connecting = bootstrap.connect(to.address(), new InetSocketAddress(from, 0));
        open.add(connecting.channel());
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                connections.incrementAndGet();
                if (comesAgain) {
                    connecting.channel().closeFuture().addListener(_ -> again(from));
                }
            } else {
                ready.incrementAndGet();
            }
        });
    }

    /** Waits until each has sent what it opens with, or was cut before, but not for ever. */
    void awaitReady(int count) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        while (ready.get() < count && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private void again(String from) {
        if (comesAgain) {
            connect(from);
        }
    }

    void end() {
        comesAgain = false;
        open.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    /** Bytes on the wire. */
    long sent() {
        return sent.get();
    }

    /** Bytes on the wire. */
    long received() {
        return received.get();
    }

    /** Answers to HTTP/1.1 that said no more than that it was too fast. */
    int limited() {
        return limited.get();
    }

    /** All other answers to HTTP/1.1. */
    int answers() {
        return answers.get();
    }

    /** Connections that are open now. */
    int open() {
        return (int) open.stream().filter(Channel::isActive).count();
    }

    int connections() {
        return connections.get();
    }

    int handshakes() {
        return handshakes.get();
    }

    /** How many have sent what the attack opens with: in a WebSocket, once it was open. */
    int began() {
        return began.get();
    }

    private final class Counter extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            received.addAndGet(((ByteBuf) message).readableBytes());
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            int length = ((ByteBuf) message).readableBytes();
            ctx.write(message, promise.unvoid())
                    .addListener(done -> {
                        if (done.isSuccess()) { // What is left when it is cut was never sent.
                            sent.addAndGet(length);
                        }
                    });
        }
    }

    private final class Attacker extends ChannelInboundHandlerAdapter {
        private int left = attack.times();
        private boolean begun;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (!attack.layer().isEncrypted()) {
                begin(ctx);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!begun) {
                ready.incrementAndGet();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
                handshakes.incrementAndGet();
                if (attack.layer() == Attack.Layer.SOCKET) {
                    ctx.writeAndFlush(upgrade.duplicate());
                } else {
                    begin(ctx);
                }
            }
        }

        private void begin(ChannelHandlerContext ctx) {
            begun = true;
            began.incrementAndGet();
            ready.incrementAndGet();
            var sent = ctx.writeAndFlush(attack.opening().duplicate());
            again(ctx);
            if (attack.ending() == Ending.CLOSES) {
                sent.addListener(ChannelFutureListener.CLOSE);
            } else if (attack.ending() == Ending.RESETS) {
                ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                ctx.executor().schedule(() -> ctx.close(), RESET_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        private void again(ChannelHandlerContext ctx) {
            while (left > 0 && ctx.channel().isActive() && ctx.channel().isWritable()) {
                left--;
                ctx.write(attack.repeated().duplicate());
            }
            ctx.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (left > 0 && ctx.channel().isWritable()) {
                ctx.executor().execute(() -> again(ctx));
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var bytes = (ByteBuf) message;
            boolean switched = false;
            int at;
            while ((at = ByteBufUtil.indexOf(STATUS_LINE, bytes)) >= 0) {
                bytes.readerIndex(at + STATUS_LINE.readableBytes());
                boolean tooFast = isStatus(bytes, "429"); // The cap's answer, not what was asked.
                switched |= isStatus(bytes, "101");
                (tooFast ? limited : answers).incrementAndGet();
            }
            bytes.release();
            if (attack.layer() == Attack.Layer.SOCKET && !begun && switched) {
                begin(ctx);
            }
        }

        private static boolean isStatus(ByteBuf line, String status) {
            int at = line.readerIndex();
            return line.isReadable(3)
                    && line.getByte(at) == status.charAt(0)
                    && line.getByte(at + 1) == status.charAt(1)
                    && line.getByte(at + 2) == status.charAt(2);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
