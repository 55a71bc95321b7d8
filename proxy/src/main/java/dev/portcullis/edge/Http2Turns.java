package dev.portcullis.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * When the requests of one HTTP/2 connection begin: at once if the client opened a window for the
 * answer, and one after the other of those for which it did not (RFC 9113 §6.9). What nobody will
 * read is not worth asking the Gateway for; one is, for a client may want to see a head before it
 * opens a window. Those that wait cost their frames and nothing else. One per connection.
 *
 * <p><b>In and out:</b> the frames of its streams, before they are channels.
 */
final class Http2Turns extends ChannelInboundHandlerAdapter {
    /** Each costs some kilobytes, and whoever wants to see an answer opens a window. */
    private static final int WAITING_MAX = 16;

    private @Nullable Http2Connection connection;
    private @Nullable Http2FrameStream withoutWindow;
    private final SequencedMap<Http2FrameStream, Runnable> waiting = new LinkedHashMap<>();

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connection = Objects.requireNonNull(ctx.pipeline().get(Http2FrameCodec.class)).connection();
    }

    /**
     * A stream was opened.
     *
     * @param begin run when it is its turn, which may be now
     * @return false if too many wait already, and this one is to be refused
     */
    boolean tryEnter(Channel channel, Runnable begin) {
        var stream = of(channel);
        if (hasWindow(stream)) {
            begin.run();
        } else if (withoutWindow == null) {
            withoutWindow = stream;
            begin.run();
        } else if (waiting.size() < WAITING_MAX) {
            waiting.put(stream, begin);
        } else {
            return false;
        }
        return true;
    }

    private boolean hasWindow(Http2FrameStream stream) {
        var all = Objects.requireNonNull(connection);
        var open = all.stream(stream.id());
        return open == null || all.remote().flowController().windowSize(open) > 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        ctx.fireChannelRead(frame);
        if (waiting.isEmpty()) {
            return;
        }
        if (frame instanceof Http2WindowUpdateFrame update) {
            windowChanged(update.stream());
        } else if (frame instanceof Http2SettingsFrame) { // Of all streams: RFC 9113 §6.9.2.
            List.copyOf(waiting.keySet()).forEach(this::windowChanged);
        }
    }

    private void windowChanged(Http2FrameStream stream) {
        var begin = waiting.get(stream);
        if (begin != null && hasWindow(stream)) {
            waiting.remove(stream);
            begin.run();
        }
    }

    /** It is over. */
    void leave(Channel channel) {
        var stream = of(channel);
        waiting.remove(stream);
        if (stream.equals(withoutWindow)) {
            var next = waiting.pollFirstEntry();
            withoutWindow = next == null ? null : next.getKey();
            if (next != null) {
                next.getValue().run();
            }
        }
    }

    private static Http2FrameStream of(Channel channel) {
        return ((Http2StreamChannel) channel).stream();
    }
}
