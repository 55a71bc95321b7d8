package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames, and drops what is for nobody. On the event loop.
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
 */
final class ServedFrames implements Http2FrameReader {
    private final Http2FrameReader reader;
    private final Http2Connection connection;
    private final Http2Resets resets;
    private @Nullable Filter filter;

    /**
     * @param resets of this connection
     */
    ServedFrames(Http2FrameReader reader, Http2Connection connection, Http2Resets resets) {
        this.reader = reader;
        this.connection = connection;
        this.resets = resets;
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
        reader.readFrame(ctx, input, current);
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
            if (!isLate(stream)) {
                return super.onDataRead(ctx, stream, data, padding, end);
            }
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
            refuseAfterTheEnd(stream);
            super.onHeadersRead(ctx, stream, headers, padding, end);
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
            refuseAfterTheEnd(stream);
            super.onHeadersRead(ctx, stream, headers, dependency, weight, exclusive, padding, end);
        }

        /** Netty calls them something else than §5.1 does. */
        private void refuseAfterTheEnd(int id) throws Http2Exception {
            var stream = connection.stream(id);
            if (stream != null && stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE) {
                throw Http2Exception.streamError(
                        id, Http2Error.STREAM_CLOSED, "HEADERS after END_STREAM");
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
            if (!isLate(stream)) {
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
            if (!isLate(stream)) {
                super.onWindowUpdateRead(ctx, stream, increment);
            }
        }
    }
}
