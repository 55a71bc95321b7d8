package dev.portcullis.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What DATA frames of one HTTP/2 connection cost that nobody has read yet. A window counts the
 * bytes of a body (RFC 9113 §6.9) and not its frames: each costs us some hundred bytes until it is
 * read, and keeps the memory that it was received in, up to 16 KiB. So what is short is joined with
 * what waits of its stream already, and copied once many wait; and what waits behind whole answers
 * counts for {@link HalfReceived}. One per connection.
 *
 * <p><b>In and out:</b> the frames of its streams, before they are channels.
 */
final class Http2Unread extends ChannelInboundHandlerAdapter {
    /** Of a frame that is joined: a longer one has a fair part of the memory that it keeps. */
    private static final int SHORT_BYTES = 4 * 1024;

    /** So many streams, or so many bytes, keep what they came in. */
    private static final int KEPT_STREAMS = 16;

    private static final int KEPT_BYTES = 64 * 1024;

    /** Of each stream that has not read all that came. */
    private final Map<Http2FrameStream, Waiting> waiting = new HashMap<>();

    /** Those whose answer is whole, and may not be out. */
    private final Set<Http2FrameStream> answered = new HashSet<>();

    private int waitingBytes;
    private int behindAnswers;
    private HalfReceived.@Nullable Of half;

    /** Of one stream. */
    private static final class Waiting {
        private @Nullable Http2DataFrame last;

        /** Of its window. */
        private int bytes;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        half = HalfReceived.of(ctx.channel());
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
        int bytes = frame.initialFlowControlledBytes();
        boolean isShort = frame.content().readableBytes() < SHORT_BYTES;
        var before = waiting.get(stream);
        if (isShort
                && before != null
                && before.last instanceof JoinedData joined
                && joined.hasRoomFor(frame)) {
            joined.add(frame);
            count(stream, before, bytes);
            return;
        }
        boolean own = isShort && (before != null || isMuchWaiting());
        var next = own ? JoinedData.of(ctx.alloc(), frame) : frame;
        var now = before == null ? new Waiting() : before;
        waiting.put(stream, now); // First: it may be read at once.
        now.last = next;
        count(stream, now, bytes);
        ctx.fireChannelRead(next);
    }

    private boolean isMuchWaiting() {
        return waiting.size() >= KEPT_STREAMS || waitingBytes > KEPT_BYTES;
    }

    private void count(Http2FrameStream stream, Waiting of, int more) {
        of.bytes += more;
        waitingBytes += more;
        behindAnswers += answered.contains(stream) ? more : 0;
        Objects.requireNonNull(half).unread(behindAnswers);
    }

    /** Its answer is whole: what has not been read waits for that to go out, and for nobody. */
    void answered(Http2FrameStream stream) {
        var unread = waiting.get(stream);
        if (answered.add(stream) && unread != null) {
            behindAnswers += unread.bytes;
            count(stream, unread, 0);
        }
    }

    /** Its stream has read it, and so all that came before. */
    @SuppressWarnings("ReferenceEquality") // Another one with the same bytes may wait still.
    void read(Http2DataFrame frame) {
        var stream = waiting.get(frame.stream());
        if (stream == null) {
            return;
        }
        if (stream.last == frame) {
            forget(frame.stream());
        } else {
            count(frame.stream(), stream, -frame.initialFlowControlledBytes());
        }
    }

    private void forget(Http2FrameStream stream) {
        var gone = waiting.remove(stream);
        if (gone != null) {
            count(stream, gone, -gone.bytes);
        }
    }

    /** It is over: whatever it has not read is gone. */
    void leave(Http2FrameStream stream) {
        forget(stream);
        answered.remove(stream);
    }
}
