package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
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
 * read, and keeps the memory that it was received in, up to 16 KiB. So there may be so many small
 * ones, and what is short is copied once some wait. One per connection.
 *
 * <p><b>In and out:</b> the frames of its streams, before they are channels. <b>Events:</b> {@link
 * TooMany}.
 */
final class Http2Unread extends ChannelInboundHandlerAdapter {
    /** Of a frame; what is longer is bounded by its window well enough. */
    private static final int SMALL_BYTES = 256;

    private static final int UNREAD_MAX = 1_024;

    /** Of a frame that is copied: a longer one has a fair part of the memory that it keeps. */
    private static final int SHORT_BYTES = 4 * 1024;

    /** So many small ones, or so many bytes, keep what they came in. */
    private static final int KEPT_FRAMES = 16;

    private static final int KEPT_BYTES = 64 * 1024;

    private final Map<Http2FrameStream, Integer> unread = new HashMap<>();
    private @Nullable Http2Connection connection;
    private int all;

    /**
     * A user event: of all small frames that nobody has read, which are too many, most are of that
     * stream.
     */
    record TooMany(Http2FrameStream stream) {}

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connection = Objects.requireNonNull(ctx.pipeline().get(Http2FrameCodec.class)).connection();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2DataFrame frame) {
            boolean small = isSmall(frame);
            if (small) {
                unread.merge(frame.stream(), 1, Integer::sum);
                all++;
            }
            ctx.fireChannelRead(isToBeCopied(frame, small) ? copy(ctx, frame) : frame);
            if (all > UNREAD_MAX) {
                var worst = worst();
                leave(worst);
                ctx.fireUserEventTriggered(new TooMany(worst));
            }
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private static boolean isSmall(Http2DataFrame frame) {
        return frame.content().readableBytes() < SMALL_BYTES;
    }

    private boolean isToBeCopied(Http2DataFrame frame, boolean small) {
        return (small && all > KEPT_FRAMES)
                || (frame.content().readableBytes() < SHORT_BYTES && unreadBytes() > KEPT_BYTES);
    }

    private int unreadBytes() {
        var open = Objects.requireNonNull(connection);
        return open.local().flowController().unconsumedBytes(open.connectionStream());
    }

    private static Http2DataFrame copy(ChannelHandlerContext ctx, Http2DataFrame frame) {
        ByteBuf content = frame.content();
        var copied = ctx.alloc().buffer(content.readableBytes()).writeBytes(content);
        try {
            return new DefaultHttp2DataFrame(copied, frame.isEndStream(), frame.padding())
                    .stream(frame.stream());
        } finally {
            frame.release();
        }
    }

    private Http2FrameStream worst() {
        return unread.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    }

    /** Its stream has read it. */
    void read(Http2DataFrame frame) {
        if (isSmall(frame) && unread.computeIfPresent(frame.stream(), Http2Unread::less) != null) {
            all--;
        }
    }

    private static Integer less(Http2FrameStream stream, Integer count) {
        return count - 1;
    }

    /** It is over: whatever it has not read is gone. */
    void leave(Http2FrameStream stream) {
        @Nullable Integer left = unread.remove(stream);
        all -= left == null ? 0 : left;
    }
}
