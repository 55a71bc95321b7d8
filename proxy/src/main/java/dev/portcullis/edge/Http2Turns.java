package dev.portcullis.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamEvent;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When the requests of one HTTP/2 connection begin: at once while the client has a window for their
 * answers, and {@value #WITHOUT_WINDOW_MAX} at a time while it has none (RFC 9113 §6.9). What
 * nobody will read is not worth asking the Gateway for; a few are, for a client may want to see a
 * head before it opens a window. Those that wait cost their frames and nothing else. One per
 * connection.
 *
 * <p><b>In:</b> Netty's events of its streams, before they are channels.
 */
final class Http2Turns extends ChannelInboundHandlerAdapter {
    private static final int WITHOUT_WINDOW_MAX = 4;

    private @Nullable Http2Connection connection;
    private final Set<Http2FrameStream> withoutWindow = new HashSet<>();
    private final SequencedMap<Http2FrameStream, Runnable> waiting = new LinkedHashMap<>();

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connection = Objects.requireNonNull(ctx.pipeline().get(Http2FrameCodec.class)).connection();
    }

    /**
     * A stream was opened.
     *
     * @param begin run when it is its turn, which may be now
     */
    void enter(Channel channel, Runnable begin) {
        var stream = of(channel);
        if (hasWindow(stream)) {
            begin.run();
        } else if (withoutWindow.size() < WITHOUT_WINDOW_MAX) {
            withoutWindow.add(stream);
            begin.run();
        } else {
            waiting.put(stream, begin);
        }
    }

    private boolean hasWindow(Http2FrameStream stream) {
        var all = Objects.requireNonNull(connection);
        var open = all.stream(stream.id());
        return open == null || all.remote().flowController().isWritable(open);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2FrameStreamEvent change
                && change.type() == Http2FrameStreamEvent.Type.Writability) {
            windowChanged(ctx, change.stream());
        }
        ctx.fireUserEventTriggered(event);
    }

    private void windowChanged(ChannelHandlerContext ctx, Http2FrameStream stream) {
        var begin = waiting.get(stream);
        if (begin != null && hasWindow(stream)) {
            waiting.remove(stream);
            ctx.executor().execute(begin); // Netty is in the middle of its windows.
        }
    }

    /** It is over. */
    void leave(Channel channel) {
        var stream = of(channel);
        waiting.remove(stream);
        if (withoutWindow.remove(stream) && !waiting.isEmpty()) {
            var next = waiting.pollFirstEntry();
            withoutWindow.add(next.getKey());
            next.getValue().run();
        }
    }

    private static Http2FrameStream of(Channel channel) {
        return ((Http2StreamChannel) channel).stream();
    }
}
