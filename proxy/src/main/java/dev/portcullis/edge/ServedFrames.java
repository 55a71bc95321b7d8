package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.ShutdownHint;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames, drops what is for nobody, and says which errors are the whole connection's. On the
 * event loop.
 *
 * <p>Frames of an unknown type (RFC 9113 §5.5): no window bounds them, and Netty would keep them
 * with their stream until somebody reads it, and the stream with them.
 *
 * <p>All that follows once a client has made us reset too many streams, or keep too many frames:
 * each further one could cost as much again.
 *
 * <p>Frames of streams that our GOAWAY said will not be served: they were on their way when it was
 * sent (§6.8). Netty resets such a stream at its HEADERS, which it must read for the compression's
 * sake, and would take any further frame of it for an error of the connection, ending the streams
 * that are still promised an answer.
 *
 * <p>Frames of streams that we have reset: they were on their way too (§5.1). Each HEADERS counts
 * as one more reset and each small DATA as a frame without content, so that there is an end to
 * them.
 */
final class ServedFrames implements Http2FrameReader {
    private final Http2FrameReader reader;

    /** Of a frame that costs us more than its bytes. */
    private static final int SMALL_BYTES = 256;

    private final Http2Connection connection;
    private final Http2ControlFrames control;
    private final Http2Resets resets;
    private final StreamHistory history;
    private @Nullable Filter filter;

    /**
     * What the frames of one connection are judged by.
     *
     * @param control counts those that carry nothing
     * @param resets counts the resets
     * @param history of its streams
     */
    record Rules(Http2ControlFrames control, Http2Resets resets, StreamHistory history) {}

    ServedFrames(Http2FrameReader reader, Http2Connection connection, Rules rules) {
        this.reader = reader;
        this.connection = connection;
        this.control = rules.control();
        this.resets = rules.resets();
        this.history = rules.history();
    }

    @Override
    public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
            throws Http2Exception {
        if (resets.isStopped()) {
            input.skipBytes(input.readableBytes());
            return;
        }
        var current = filter;
        if (current == null || !current.isFor(listener)) {
            current = new Filter(listener);
            filter = current;
        }
        try {
            reader.readFrame(ctx, input, current);
        } catch (Http2Exception e) {
            if (isOfNobody(e)) {
                resets.count(ctx); // Wrong as it is, it is for nobody.
            } else {
                throw isOfOneStream(e) ? e : ofTheConnection(e);
            }
        }
    }

    /** A new stream that comes too late is told so. */
    private boolean isOfNobody(Http2Exception e) {
        return e instanceof StreamException of
                && e.error() != Http2Error.REFUSED_STREAM
                && isUnwanted(of.streamId());
    }

    /**
     * Whether the rest of the connection can go on. Not if there is no such stream: an idle one
     * must not get a frame that it should not (RFC 9113 §5.1), and a reset of it must not be sent
     * (§6.4).
     */
    private boolean isOfOneStream(Http2Exception e) {
        return e.error() == Http2Error.REFUSED_STREAM
                || (e instanceof StreamException of && isOrWas(of.streamId()));
    }

    private boolean isOrWas(int stream) {
        return connection.stream(stream) != null || history.wasResetByClient(stream);
    }

    /** Its GOAWAY names the last stream that was begun (RFC 9113 §6.8), and not 2^31-1. */
    private Http2Exception ofTheConnection(Http2Exception e) {
        resets.stop();
        return new Http2Exception(e.error(), e.getMessage(), e, ShutdownHint.NO_SHUTDOWN);
    }

    @Override
    public Configuration configuration() {
        return reader.configuration();
    }

    @Override
    public void close() {
        reader.close();
    }

    private boolean isLate(int stream) {
        var remote = connection.remote();
        return connection.goAwaySent()
                && remote.isValidStreamId(stream)
                && stream > remote.lastStreamKnownByPeer();
    }

    private boolean isUnwanted(int stream) {
        return isLate(stream) || history.wasResetByUs(stream);
    }

    /** Empty ones are counted already. */
    private void countSmall(ChannelHandlerContext ctx, int bytes) {
        if (bytes > 0 && bytes < SMALL_BYTES && control.isTooMany(ctx)) {
            resets.stop();
            ctx.fireUserEventTriggered(Http2Flood.CONTROL_FRAMES);
        }
    }

    /** What is left of them. */
    private final class Filter extends Http2FrameListenerDecorator {
        Filter(Http2FrameListener listener) {
            super(listener);
        }

        boolean isFor(Http2FrameListener other) {
            return listener.equals(other);
        }

        @Override
        public int onDataRead(
                ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean end)
                throws Http2Exception {
            if (resets.isStopped()) {
                return 0;
            }
            if (!isUnwanted(stream)) {
                return super.onDataRead(ctx, stream, data, padding, end);
            }
            countSmall(ctx, data.readableBytes());
            // Counts for the connection's window all the same, and is given back to it at once.
            connection
                    .local()
                    .flowController()
                    .receiveFlowControlledFrame(null, data, padding, end);
            return data.readableBytes() + padding;
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int stream,
                Http2Headers headers,
                int padding,
                boolean end)
                throws Http2Exception {
            if (isWanted(ctx, stream)) {
                super.onHeadersRead(ctx, stream, headers, padding, end);
            }
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int stream,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean end)
                throws Http2Exception {
            if (isWanted(ctx, stream)) {
                super.onHeadersRead(
                        ctx, stream, headers, dependency, weight, exclusive, padding, end);
            }
        }

        /** Whether HEADERS open a stream, or may follow in one; Netty would forgive too much. */
        private boolean isWanted(ChannelHandlerContext ctx, int id) throws Http2Exception {
            if (resets.isStopped()) {
                return false;
            }
            if (history.isNew(id)) {
                history.open(id);
                return true;
            }
            if (isUnwanted(id)) {
                resets.count(ctx);
                return false;
            }
            var stream = connection.stream(id);
            boolean ended =
                    stream == null
                            ? history.wasResetByClient(id)
                            : stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE;
            if (ended) {
                throw Http2Exception.streamError(
                        id, Http2Error.STREAM_CLOSED, "HEADERS after the end of stream %d", id);
            }
            if (stream == null) {
                throw Http2Exception.connectionError(
                        history.wasOpened(id)
                                ? Http2Error.STREAM_CLOSED
                                : Http2Error.PROTOCOL_ERROR,
                        "HEADERS of stream %d, which is over",
                        id);
            }
            return true;
        }

        /** A window that a new initial size makes too large is no error of that stream: §6.9.2. */
        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
                throws Http2Exception {
            try {
                super.onSettingsRead(ctx, settings);
            } catch (StreamException e) {
                throw ofTheConnection(e);
            }
        }

        @Override
        public void onUnknownFrame(
                ChannelHandlerContext ctx,
                byte type,
                int stream,
                Http2Flags flags,
                ByteBuf payload) {
            // Not kept; the frame guard has counted it.
        }

        @Override
        public void onPriorityRead(
                ChannelHandlerContext ctx,
                int stream,
                int dependency,
                short weight,
                boolean exclusive)
                throws Http2Exception {
            if (!isLate(stream)) {
                super.onPriorityRead(ctx, stream, dependency, weight, exclusive);
            }
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int stream, long error)
                throws Http2Exception {
            if (!isUnwanted(stream)) {
                if (connection.stream(stream) != null) {
                    history.resetByClient(stream);
                }
                resets.resetByClient(stream);
                try {
                    super.onRstStreamRead(ctx, stream, error);
                } finally {
                    resets.resetByClient(0);
                }
            }
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext ctx, int stream, int increment)
                throws Http2Exception {
            if (!isUnwanted(stream)) {
                super.onWindowUpdateRead(ctx, stream, increment);
            }
        }
    }
}
