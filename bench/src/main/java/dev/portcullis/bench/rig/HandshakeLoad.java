package dev.portcullis.bench.rig;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.jspecify.annotations.Nullable;

/** Connections that shake hands, ask once, check the answer and close; some lanes at a time. */
public final class HandshakeLoad implements Load {
    private static final int LANES = 8;

    private final Rig rig;
    private final ByteBuf request;
    private final ByteBuf expected = Wire.body(Wire.SMALL);
    private final Subject to;
    private final ClientTls tls;
    private final boolean resume;
    private boolean ticketsThere;
    private int unsent;
    private @Nullable Tally tally;

    /**
     * @param resume whether every handshake must resume a session; the first of a lane cannot
     */
    public HandshakeLoad(Rig rig, Subject to, ClientTls tls, String credentials, boolean resume) {
        this.rig = rig;
        this.to = to;
        this.tls = tls;
        this.resume = resume;
        this.request = Wire.get(Wire.SMALL, credentials);
    }

    @Override
    public Tally run(int count) throws InterruptedException {
        if (resume && !ticketsThere) {
            window(LANES);
            ticketsThere = true;
        }
        return window(count);
    }

    private Tally window(int count) throws InterruptedException {
        var window = new Tally(count);
        rig.loops()
                .execute(() -> {
                    tally = window;
                    unsent = count;
                    for (int lane = 0; lane < LANES; lane++) {
                        next(lane);
                    }
                });
        return window.await(120);
    }

    private void next(int lane) {
        if (unsent == 0) {
            return;
        }
        unsent--;
        new Bootstrap()
                .group(rig.loops())
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(tls.handler(channel.alloc(), lane))
                                        .addLast(new OneRequest(lane));
                            }
                        })
                .connect(to.address())
                .addListener((ChannelFuture connected) -> {
                    if (!connected.isSuccess()) {
                        bad(String.valueOf(connected.cause()));
                    }
                });
    }

    private void bad(String why) {
        if (tally != null) {
            tally.bad(why);
        }
    }

    @Override
    public void close() {
        // Every connection has closed itself.
    }

    private final class OneRequest extends ChannelInboundHandlerAdapter {
        private final int lane;
        private final long begunNanos = System.nanoTime();
        private final AnswerCheck check = new AnswerCheck(200, expected);
        private boolean answered;

        OneRequest(int lane) {
            this.lane = lane;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent done) {
                var handler = ctx.pipeline().get(SslHandler.class);
                var problem =
                        done.isSuccess()
                                ? tls.problem(handler, resume && ticketsThere)
                                : String.valueOf(done.cause());
                if (problem == null) {
                    ctx.writeAndFlush(request.duplicate());
                } else {
                    bad(problem);
                }
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var in = (ByteBuf) message;
            boolean whole = check.feed(in);
            in.release();
            var problem = check.problem();
            if (problem != null) {
                bad(problem);
            } else if (whole && tally != null) {
                answered = true;
                tally.good(System.nanoTime() - begunNanos);
                ctx.close();
                next(lane);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!answered) {
                bad("closed without an answer");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!answered) {
                bad(String.valueOf(cause));
            }
        }
    }
}
