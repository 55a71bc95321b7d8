package dev.portcullis.bench.rig;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The Gateway of the comparison: answers at once, echoes frames, and refuses whoever comes without
 * the headers that a proxy has to write.
 */
public final class Backend implements AutoCloseable {
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final ByteBuf SMALL = answer(Wire.body(Wire.SMALL));
    private static final ByteBuf LARGE = answer(Wire.body(Wire.LARGE));
    private static final ByteBuf BARE =
            Wire.text("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");

    private final Channel listener;

    /** Opens a port on loopback. */
    public Backend(EventLoopGroup loops) {
        listener =
                new ServerBootstrap()
                        .group(loops)
                        .channel(EpollServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, 4096)
                        .childOption(ChannelOption.TCP_NODELAY, true)
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

    /** Where it listens. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
    }

    private static ByteBuf answer(ByteBuf body) {
        var head =
                Wire.text(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                                + "Cache-Control: no-cache\r\nContent-Length: "
                                + body.readableBytes()
                                + "\r\n\r\n");
        return Unpooled.unreleasableBuffer(
                Unpooled.directBuffer().writeBytes(head).writeBytes(body).asReadOnly());
    }

    /** One request at a time; bodies are not expected. */
    private static final class Requests extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            int length = Heads.length(in);
            if (length < 0) {
                return;
            }
            var head = in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
            var lower = head.toLowerCase(Locale.ROOT);
            if (!lower.contains("\r\nx-openclaw-scopes: ")
                    || !lower.contains(": " + Wire.USER + "\r\n")) {
                ctx.writeAndFlush(BARE.duplicate());
                return;
            }
            var key = field(head, lower, "sec-websocket-key");
            if (key == null) {
                var whole = head.startsWith("GET " + Wire.LARGE + " ") ? LARGE : SMALL;
                ctx.writeAndFlush(whole.duplicate());
            } else {
                ctx.writeAndFlush(switching(key));
                ctx.pipeline().replace(this, "echo", new Echo());
            }
        }

        /** A proxy that resets what it no longer needs is no news. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        private static @Nullable String field(String head, String lower, String name) {
            int at = lower.indexOf("\r\n" + name + ": ");
            int start = at + name.length() + 4;
            return at < 0 ? null : head.substring(start, head.indexOf("\r\n", start));
        }

        private static ByteBuf switching(String key) {
            return Wire.text(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                            + "Upgrade: websocket\r\nSec-WebSocket-Accept: "
                            + accept(key)
                            + "\r\n\r\n");
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
    }

    /** Sends every whole frame back, without its mask; what came together goes together. */
    private static final class Echo extends ByteToMessageDecoder {
        private static final int HEAD_16 = 4;

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            int length = in.readableBytes() < 2 ? 0 : in.getByte(in.readerIndex() + 1) & 0x7F;
            int head = length == 126 ? HEAD_16 : 2;
            if (in.readableBytes() < head + Integer.BYTES) {
                return;
            }
            int start = in.readerIndex();
            int payload = length == 126 ? in.getUnsignedShort(start + 2) : length;
            if (in.readableBytes() < head + Integer.BYTES + payload) {
                return;
            }
            int mask = in.getInt(start + head);
            var echo = ctx.alloc().buffer(head + payload);
            echo.writeByte(in.getByte(start)).writeByte(length);
            if (head == HEAD_16) {
                echo.writeShort(payload);
            }
            in.skipBytes(head + Integer.BYTES);
            unmask(in, payload, mask, echo);
            ctx.write(echo);
        }

        private static void unmask(ByteBuf in, int payload, int mask, ByteBuf out) {
            long wide = (long) mask << Integer.SIZE | (mask & 0xFFFFFFFFL);
            int left = payload;
            for (; left >= Long.BYTES; left -= Long.BYTES) {
                out.writeLong(in.readLong() ^ wide);
            }
            for (int shift = 24; left > 0; left--, shift -= 8) {
                if (shift < 0) {
                    shift = 24;
                }
                out.writeByte(in.readByte() ^ mask >>> shift);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
            ctx.flush();
            super.channelReadComplete(ctx);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
