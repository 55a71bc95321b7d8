package dev.portcullis.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many small DATA frames of one HTTP/2 connection nobody has read yet. A window counts the
 * bytes of a body (RFC 9113 §6.9) and not its frames, each of which costs us some hundred bytes
 * until it is read: a client could put every byte into one of its own. One per connection.
 *
 * <p><b>In and out:</b> the frames of its streams, before they are channels. <b>Events:</b> {@link
 * Http2Flood#UNREAD}, and then no more frames.
 */
final class Http2Unread extends ChannelInboundHandlerAdapter {
    /** Of a frame; what is longer is bounded by its window well enough. */
    private static final int SMALL_BYTES = 256;

    private static final int UNREAD_MAX = 1_024;

    private final Http2Resets resets;
    private final Map<Http2FrameStream, Integer> unread = new HashMap<>();
    private int all;

    /**
     * @param resets stops the reading
     */
    Http2Unread(Http2Resets resets) {
        this.resets = resets;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2DataFrame frame && isSmall(frame)) {
            unread.merge(frame.stream(), 1, Integer::sum);
            all++;
            if (all > UNREAD_MAX) {
                frame.release();
                flood(ctx);
                return;
            }
        }
        ctx.fireChannelRead(message);
    }

    private void flood(ChannelHandlerContext ctx) {
        if (!resets.isStopped()) {
            resets.stop();
            ctx.fireUserEventTriggered(Http2Flood.UNREAD);
        }
    }

    private static boolean isSmall(Http2DataFrame frame) {
        return frame.content().readableBytes() < SMALL_BYTES;
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
