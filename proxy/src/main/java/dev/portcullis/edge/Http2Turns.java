package dev.portcullis.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * When the requests of one HTTP/2 connection begin: at once if the client opened a window for the
 * answer, and one after the other of those for which it opened none worth the name (RFC 9113 §6.9).
 * What nobody will read is not worth asking the Gateway for; one is, for a client may want to see a
 * head before it opens a window. Those that wait cost their heads and nothing else: one with a body
 * does not wait. One per connection.
 *
 * <p><b>In and out:</b> the frames of its streams, before they are channels.
 */
final class Http2Turns extends ChannelInboundHandlerAdapter {
    /** Of a body. Clients open 16 KiB at the least, and most of them far more. */
    private static final int WINDOW_MIN = 4 * 1024;

    /** Each costs some kilobytes, and whoever wants to see an answer opens a window. */
    private static final int WAITING_MAX = 8;

    /** Of the heads that wait, after which no other does: few bytes on the wire are many here. */
    private static final int WAITING_BYTES = 64 * 1024;

    /** Of our own, and not out. */
    private static final int ANSWERS_MAX = 16;

    /** Before a client says anything (RFC 9113 §6.5.2). */
    private static final int INITIAL_WINDOW = 65_535;

    private final Http2Resets resets;
    private int initialWindow = INITIAL_WINDOW;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Http2Connection connection;

    /** Whose turn it is of those without a window. */
    private @Nullable Http2FrameStream served;

    private final SequencedMap<Http2FrameStream, Waiting> waiting = new LinkedHashMap<>();
    private int waitingBytes;
    private int answers;

    /** A request that does not begin yet. */
    private static final class Waiting {
        private final Runnable begin;
        private int bytes;

        Waiting(Runnable begin) {
            this.begin = begin;
        }
    }

    /**
     * @param resets stops the reading
     */
    Http2Turns(Http2Resets resets) {
        this.resets = resets;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        connection = Objects.requireNonNull(ctx.pipeline().get(Http2FrameCodec.class)).connection();
    }

    /**
     * A stream was opened.
     *
     * @param begin run when it is its turn, which may be now; never when it or its connection is
     *     over
     * @return false if too many wait already or it has a body, or too many answers wait for the
     *     window of the connection, and it is to be refused
     */
    boolean tryEnter(Channel channel, Runnable begin) {
        var stream = of(channel);
        if (isStuck()) {
            return false;
        } else if (hasWindow(stream)) {
            begin.run();
        } else if (served == null) {
            served = stream;
            begin.run();
        } else if (mayOneMoreWait() && isWhole(stream)) {
            waiting.put(stream, new Waiting(begin));
        } else {
            return false;
        }
        return true;
    }

    /** So many more answers of our own wait to go out. */
    void answersWait(int more) {
        answers += more;
    }

    /**
     * Whether the window of the connection is used up, and some answers of our own wait for it:
     * each stream costs some kilobytes, and to refuse its request costs a client nothing. Those of
     * the Gateway are bounded by what their user may ask for.
     */
    private boolean isStuck() {
        var open = connection();
        return answers > ANSWERS_MAX
                && open.remote().flowController().windowSize(open.connectionStream()) < WINDOW_MIN;
    }

    private boolean mayOneMoreWait() {
        return waiting.size() < WAITING_MAX && waitingBytes < WAITING_BYTES;
    }

    /** What the head of one that waits holds is counted. */
    private void mayWait(Http2HeadersFrame head) {
        var request = waiting.get(head.stream());
        if (request != null && head.headers() instanceof FieldList list) {
            request.bytes = list.heapBytes();
            count(request.bytes);
        }
    }

    private @Nullable Waiting takeOut(Http2FrameStream stream) {
        var request = waiting.remove(stream);
        if (request != null) {
            count(-request.bytes);
        }
        return request;
    }

    private void count(int bytes) {
        waitingBytes += bytes;
        half().waiting(bytes);
    }

    private HalfReceived.Of half() {
        return HalfReceived.of(Objects.requireNonNull(context).channel());
    }

    private boolean hasWindow(Http2FrameStream stream) {
        var open = open(stream);
        return open != null
                && connection().remote().flowController().windowSize(open) >= WINDOW_MIN;
    }

    /** Nothing more of it can come: what waits costs its head. */
    private boolean isWhole(Http2FrameStream stream) {
        var open = open(stream);
        return open != null && open.state() == Http2Stream.State.HALF_CLOSED_REMOTE;
    }

    /** What Netty knows of it; null when it is over, which its channel may learn later. */
    private @Nullable Http2Stream open(Http2FrameStream stream) {
        return connection().stream(stream.id());
    }

    private Http2Connection connection() {
        return Objects.requireNonNull(connection);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        if (frame instanceof Http2ResetFrame reset) {
            takeOut(reset.stream()); // Before anything makes it its turn.
        }
        if (frame instanceof Http2SettingsFrame settings && takesWindowsBack(settings)) {
            resets.stop();
            ctx.fireUserEventTriggered(Http2Flood.WINDOWS);
        }
        ctx.fireChannelRead(frame);
        if (frame instanceof Http2WindowUpdateFrame update) {
            windowChanged(update.stream());
        } else if (frame instanceof Http2HeadersFrame head) {
            mayWait(head);
        } else if (frame instanceof Http2SettingsFrame) { // Of all streams: RFC 9113 §6.9.2.
            List.copyOf(waiting.keySet()).forEach(this::windowChanged);
            windowChanged(served);
        }
    }

    /** Of more streams than may be under way without one. No client that wants answers does it. */
    private boolean takesWindowsBack(Http2SettingsFrame frame) {
        var window = frame.settings().initialWindowSize();
        if (window == null) {
            return false;
        }
        boolean less = window < WINDOW_MIN && initialWindow >= WINDOW_MIN;
        initialWindow = window;
        return less && connection().numActiveStreams() > 1 + WAITING_MAX && !resets.isStopped();
    }

    private void windowChanged(@Nullable Http2FrameStream stream) {
        if (stream == null || !hasWindow(stream)) {
            return;
        }
        var next = takeOut(stream);
        if (next != null) {
            next.begin.run();
        } else if (stream.equals(served)) {
            nextTurn(); // It has all it needs, and may last for hours.
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end();
        ctx.fireChannelInactive();
    }

    /** Nothing begins any more: the connection ends with what is under way. */
    void end() {
        List.copyOf(waiting.keySet()).forEach(this::takeOut);
    }

    /** Something that the client sent is lost: what follows would be taken for what it is not. */
    void stop() {
        resets.stop();
        end();
    }

    /** It is over. */
    void leave(Channel channel) {
        var stream = of(channel);
        takeOut(stream);
        if (stream.equals(served)) {
            nextTurn();
        }
    }

    /** Once what ended the last one is done, for it may end others too. */
    private void nextTurn() {
        served = null;
        Objects.requireNonNull(context).executor().execute(this::beginNext);
    }

    private void beginNext() {
        while (served == null && !waiting.isEmpty()) {
            var stream = waiting.firstEntry().getKey();
            var next = Objects.requireNonNull(takeOut(stream));
            if (open(stream) != null) {
                served = stream;
                next.begin.run();
            }
        }
    }

    private static Http2FrameStream of(Channel channel) {
        return ((Http2StreamChannel) channel).stream();
    }
}
