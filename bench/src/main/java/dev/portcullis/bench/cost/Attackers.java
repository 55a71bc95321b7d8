package dev.portcullis.bench.cost;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.Subject;
import dev.portcullis.bench.rig.Wire;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
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
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Many connections of one attack, from 127.0.2.0/24, and the bytes that they send and get. */
final class Attackers {
    private static final ByteBuf STATUS_LINE = Wire.text("HTTP/1.1 ");

    private final Rig rig;
    private final Subject to;
    private final ClientTls tls;
    private final Attack attack;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger handshakes = new AtomicInteger();

    Attackers(Rig rig, Subject to, ClientTls tls, Attack attack) {
        this.rig = rig;
        this.to = to;
        this.tls = tls;
        this.attack = attack;
    }

    /** Connects all of them, which stay until they are cut or {@link #end} comes. */
    void begin(int count) {
        var bootstrap =
                new Bootstrap()
                        .group(rig.loops())
                        .channel(EpollSocketChannel.class)
                        .option(ChannelOption.SO_RCVBUF, 16 * 1024)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline().addLast(new Counter());
                                        if (attack.layer() != Attack.Layer.TCP) {
                                            channel.pipeline()
                                                    .addLast(tls.handler(channel.alloc(), 0));
                                        }
                                        channel.pipeline().addLast(new Attacker());
                                    }
                                });
        for (int i = 0; i < count; i++) {
            var own = new InetSocketAddress("127.0.2." + (i % 250 + 1), 0);
            open.add(bootstrap.connect(to.address(), own).channel());
        }
    }

    void end() {
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

    /** Answers to HTTP/1.1. */
    int answers() {
        return answers.get();
    }

    int handshakes() {
        return handshakes.get();
    }

    private final class Counter extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            received.addAndGet(((ByteBuf) message).readableBytes());
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            sent.addAndGet(((ByteBuf) message).readableBytes());
            ctx.write(message, promise);
        }
    }

    private final class Attacker extends ChannelInboundHandlerAdapter {
        private int left = attack.times();

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (attack.layer() == Attack.Layer.TCP) {
                begin(ctx);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
                handshakes.incrementAndGet();
                begin(ctx);
            }
        }

        private void begin(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(attack.opening().duplicate());
            again(ctx);
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
            int at;
            while ((at = ByteBufUtil.indexOf(STATUS_LINE, bytes)) >= 0) {
                answers.incrementAndGet();
                bytes.readerIndex(at + STATUS_LINE.readableBytes());
            }
            bytes.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
