package dev.portcullis.bench.rig;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keep-alive connections, each with one request under way: answered, checked, the next. */
public final class HttpLoad implements Load {
    private final List<Requests> connections = new ArrayList<>();
    private final ByteBuf request;
    private final ByteBuf expected;
    private @Nullable Tally tally;
    private int unsent;

    /** Opens the connections. */
    public HttpLoad(
            Rig rig, Subject to, ClientTls tls, String path, String credentials, int connections) {
        request = Wire.get(path, credentials);
        expected = Wire.body(path);
        var bootstrap =
                new Bootstrap()
                        .group(rig.loops())
                        .channel(EpollSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .remoteAddress(to.address())
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(tls.handler(channel.alloc(), 0))
                                                .addLast(new Requests());
                                    }
                                });
        for (int i = 0; i < connections; i++) {
            var channel = bootstrap.connect().syncUninterruptibly().channel();
            this.connections.add(channel.pipeline().get(Requests.class));
        }
    }

    @Override
    public Tally run(int count) throws InterruptedException {
        var window = new Tally(count);
        connections
                .getFirst()
                .loop()
                .execute(() -> {
                    tally = window;
                    unsent = count;
                    connections.forEach(Requests::send);
                });
        return window.await(120);
    }

    @Override
    public void close() {
        connections.forEach(Requests::close);
    }

    private final class Requests extends ChannelInboundHandlerAdapter {
        private final AnswerCheck check = new AnswerCheck(200, expected);
        private @Nullable ChannelHandlerContext context;
        private long sentNanos;
        private boolean closing;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            context = ctx;
        }

        java.util.concurrent.Executor loop() {
            return ctx().executor();
        }

        void send() {
            if (unsent > 0) {
                unsent--;
                sentNanos = System.nanoTime();
                ctx().writeAndFlush(request.duplicate());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var in = (ByteBuf) message;
            boolean whole = check.feed(in);
            boolean more = whole && in.isReadable();
            in.release();
            var problem = check.problem();
            if (problem != null || more) {
                bad(problem == null ? "more than one answer" : problem);
            } else if (whole && tally != null) {
                tally.good(System.nanoTime() - sentNanos);
                send();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!closing) {
                bad("connection closed");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            bad(String.valueOf(cause));
        }

        private void bad(String why) {
            if (tally != null) {
                tally.bad(why);
            }
        }

        void close() {
            ctx().executor()
                    .submit(() -> {
                        closing = true;
                        ctx().close();
                    })
                    .syncUninterruptibly();
        }

        private ChannelHandlerContext ctx() {
            return java.util.Objects.requireNonNull(context);
        }
    }
}
