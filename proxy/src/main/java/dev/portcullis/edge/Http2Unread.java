package dev.portcullis.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What DATA frames of one HTTP/2 connection cost that nobody has read yet. A window counts the
 * bytes of a body (RFC 9113 §6.9) and not its frames: each costs us some hundred bytes until it is
 * read, and keeps the memory that it was received in, up to 16 KiB. So what is short is joined with
 * what waits of its stream already, and copied once many wait. One per connection.
 *
 * <p><b>In and out:</b> the frames of its streams, before they are channels.
 */
final class Http2Unread extends ChannelInboundHandlerAdapter {
    /** Of a frame that is joined: a longer one has a fair part of the memory that it keeps. */
    private static final int SHORT_BYTES = 4 * 1024;

    /** So many streams, or so many bytes, keep what they came in. */
    private static final int KEPT_STREAMS = 16;

    private static final int KEPT_BYTES = 64 * 1024;

    /** The last one of each stream that has not read it. */
    private final Map<Http2FrameStream, Http2DataFrame> waiting = new HashMap<>();

    private @Nullable Http2Connection connection;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connection = Objects.requireNonNull(ctx.pipeline().get(Http2FrameCodec.class)).connection();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2DataFrame frame) {
            come(ctx, frame);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void come(ChannelHandlerContext ctx, Http2DataFrame frame) {
        var stream = frame.stream();
        boolean isShort = frame.content().readableBytes() < SHORT_BYTES;
        var last = waiting.get(stream);
        if (isShort && last instanceof JoinedData joined && joined.hasRoomFor(frame)) {
            joined.add(frame);
            return;
        }
        boolean own = isShort && (last != null || isMuchWaiting());
        var next = own ? JoinedData.of(ctx.alloc(), frame) : frame;
        waiting.put(stream, next); // First: it may be read at once.
        ctx.fireChannelRead(next);
    }

    private boolean isMuchWaiting() {
        var open = Objects.requireNonNull(connection);
        return waiting.size() >= KEPT_STREAMS
                || open.local().flowController().unconsumedBytes(open.connectionStream())
                        > KEPT_BYTES;
    }

    /** Its stream has read it, and so all that came before. */
    @SuppressWarnings("ReferenceEquality") // Another one with the same bytes may wait still.
    void read(Http2DataFrame frame) {
        if (waiting.get(frame.stream()) == frame) {
            waiting.remove(frame.stream());
        }
    }

    /** It is over: whatever it has not read is gone. */
    void leave(Http2FrameStream stream) {
        waiting.remove(stream);
    }
}
