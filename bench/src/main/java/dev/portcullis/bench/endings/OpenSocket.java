package dev.portcullis.bench.endings;

import dev.portcullis.bench.rig.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One WebSocket of a client: opens, answers pings, and notes its end. */
final class OpenSocket extends ByteToMessageDecoder {
    /** The end without a close frame. */
    static final int NO_CODE = -1;

    private final String credentials;
    private final CompletableFuture<OpenSocket> opened = new CompletableFuture<>();
    private final CompletableFuture<OpenSocket> ended = new CompletableFuture<>();
    private volatile @Nullable CompletableFuture<Void> pong;
    private volatile @Nullable Channel channel;
    private volatile int code;
    private volatile long endNanos;
    private boolean upgraded;

    /**
     * @param credentials whole header lines
     */
    OpenSocket(String credentials) {
        this.credentials = credentials;
    }

    CompletableFuture<OpenSocket> opened() {
        return opened;
    }

    CompletableFuture<OpenSocket> ended() {
        return ended;
    }

    /** The code of the close frame, or {@link #NO_CODE}. */
    int code() {
        return code;
    }

    long endNanos() {
        return endNanos;
    }

    /** Completes when the other end has answered; never, if it does not. */
    CompletableFuture<Void> ping() {
        var answer = new CompletableFuture<Void>();
        pong = answer;
        var open = channel;
        if (open != null) {
            open.writeAndFlush(Wire.text("\u0089\u0080\0\0\0\0"));
        }
        return answer;
    }

    void close() {
        var open = channel;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
            channel = ctx.channel();
            ctx.writeAndFlush(Wire.upgrade(credentials));
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (upgraded) {
            frame(ctx, in);
            return;
        }
        var text = in.toString(StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return;
        }
        in.skipBytes(end + 4);
        upgraded = text.startsWith("HTTP/1.1 101 ");
        if (upgraded) {
            opened.complete(this);
        } else {
            opened.completeExceptionally(new IllegalStateException(text.substring(0, end)));
            ctx.close();
        }
    }

    private void frame(ChannelHandlerContext ctx, ByteBuf in) {
        int length = in.readableBytes() < 2 ? 0 : in.getByte(in.readerIndex() + 1) & 0x7F;
        if (in.readableBytes() < 2 + length) {
            return;
        }
        int first = in.readByte();
        in.readByte();
        var payload = in.readSlice(length);
        var waiting = pong;
        if (first == (byte) 0x89) { // The other end asks whether we live.
            ctx.writeAndFlush(Wire.text("\u008A\u0080\0\0\0\0"));
        } else if (first == (byte) 0x8A && waiting != null) {
            waiting.complete(null);
        } else if (first == (byte) 0x88) {
            end(length < 2 ? NO_CODE : payload.readUnsignedShort());
            ctx.writeAndFlush(Wire.text("\u0088\u0080\0\0\0\0"));
        }
    }

    private void end(int why) {
        if (endNanos == 0) {
            code = why;
            endNanos = System.nanoTime();
            ended.complete(this);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        super.channelInactive(ctx);
        opened.completeExceptionally(new IllegalStateException("closed before it was open"));
        end(NO_CODE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        opened.completeExceptionally(cause);
        ctx.close();
    }
}
