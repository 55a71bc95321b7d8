package dev.portcullis.bench.endings;

import dev.portcullis.bench.rig.Wire;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Stands behind the door: opens WebSockets, answers pings, and says ok to everything else. */
final class Gateway implements AutoCloseable {
    private static final Pattern KEY = Pattern.compile("(?i)\r\nsec-websocket-key: ([^\r]+)\r\n");
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final Channel listener;

    Gateway(EventLoopGroup loops) {
        listener =
                new ServerBootstrap()
                        .group(loops)
                        .channel(EpollServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, 4096)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline().addLast(new Requests());
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .syncUninterruptibly()
                        .channel();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
    }

    private static final class Requests extends ByteToMessageDecoder {
        private boolean open;

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (open) {
                frame(ctx, in);
            } else {
                head(ctx, in);
            }
        }

        private void head(ChannelHandlerContext ctx, ByteBuf in) {
            var text = in.toString(StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end < 0) {
                return;
            }
            in.skipBytes(end + 4);
            var key = KEY.matcher(text);
            open = key.find();
            ctx.writeAndFlush(
                    Wire.text(
                            open
                                    ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                            + "Upgrade: websocket\r\nSec-WebSocket-Accept: "
                                            + accept(key.group(1))
                                            + "\r\n\r\n"
                                    : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        }

        /** Only short control frames come here, each masked. */
        private static void frame(ChannelHandlerContext ctx, ByteBuf in) {
            int length = in.readableBytes() < 2 ? 0 : in.getByte(in.readerIndex() + 1) & 0x7F;
            if (in.readableBytes() < 6 + length) {
                return;
            }
            int first = in.readByte();
            in.skipBytes(5 + length);
            if (first == (byte) 0x89) {
                ctx.writeAndFlush(ctx.alloc().buffer(2).writeByte(0x8A).writeByte(0));
            }
        }

        /** RFC 6455 §4.2.2. */
        private static String accept(String key) {
            try {
                var digest = MessageDigest.getInstance("SHA-1");
                var hash = digest.digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
                return Base64.getEncoder().encodeToString(hash);
            } catch (NoSuchAlgorithmException everyPlatformHasIt) {
                throw new IllegalStateException(everyPlatformHasIt);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
