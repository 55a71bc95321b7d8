package dev.portcullis.edge;

import dev.portcullis.http.ResponseHead;
import dev.portcullis.runtime.LateFlush;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Answers as bytes on the wire, in as few pieces and flushes as they take: a small body goes out
 * with its head. One per HTTP/1.1 connection, on its event loop.
 */
final class Http1Output {
    /** A body up to that size goes out in one piece with its head, in bytes. */
    private static final long SMALL_BODY_MAX = 4 * 1024;

    private final ChannelHandlerContext ctx;
    private final LateFlush flush;
    private @Nullable ByteBuf heldHead;
    private Http1ResponseWriter.Framing framing = Http1ResponseWriter.Framing.NO_BODY;

    /**
     * @param ctx the codec's: what is written goes out from there
     */
    Http1Output(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        this.flush = new LateFlush(ctx.executor(), ctx);
    }

    /** Asks for the body of a request, at once. */
    void writeContinue(ChannelPromise promise) {
        var out = ctx.alloc().buffer(32);
        Http1ResponseWriter.writeContinue(out);
        ctx.writeAndFlush(out, promise);
    }

    /**
     * Begins an answer.
     *
     * @param toHead whether it answers a HEAD request
     * @param close whether it says that it is the last one
     */
    void writeHead(ResponseHead head, boolean toHead, boolean close, ChannelPromise promise) {
        framing = Http1ResponseWriter.framing(head, toHead);
        boolean small =
                framing == Http1ResponseWriter.Framing.LENGTH
                        && head.bodyLength() > 0
                        && head.bodyLength() <= SMALL_BODY_MAX;
        int room = small ? (int) head.bodyLength() : 0;
        var out = Http1ResponseWriter.head(ctx.alloc(), head, toHead, close, room);
        if (small) {
            heldHead = out;
            promise.trySuccess();
        } else {
            ctx.write(out, promise);
        }
    }

    /**
     * A piece of the answer's body, or of a tunnel.
     *
     * @param bytes released, or passed on
     */
    void writeBody(ByteBuf bytes, boolean tunnel, ChannelPromise promise) {
        var held = heldHead;
        if (held != null && bytes.readableBytes() <= held.maxFastWritableBytes()) {
            heldHead = null;
            ctx.write(held.writeBytes(bytes), promise);
            bytes.release();
        } else if (tunnel || framing == Http1ResponseWriter.Framing.LENGTH) {
            writeHeldHead();
            ctx.write(bytes, promise);
        } else if (framing == Http1ResponseWriter.Framing.NO_BODY || !bytes.isReadable()) {
            bytes.release();
            promise.setSuccess();
        } else {
            var size = ctx.alloc().buffer(16);
            Http1ResponseWriter.writeChunkSize(size, bytes.readableBytes());
            ctx.write(size);
            ctx.write(bytes);
            var end = ctx.alloc().buffer(2);
            Http1ResponseWriter.writeChunkEnd(end);
            ctx.write(end, promise);
        }
    }

    /** A head waits for its body only until somebody flushes. */
    private void writeHeldHead() {
        var held = heldHead;
        if (held != null) {
            heldHead = null;
            ctx.write(held, ctx.voidPromise());
        }
    }

    /** Ends the answer. */
    void writeEnd(ChannelPromise promise) {
        if (framing == Http1ResponseWriter.Framing.CHUNKED) {
            var out = ctx.alloc().buffer(8);
            Http1ResponseWriter.writeLastChunk(out);
            ctx.write(out, promise);
        } else {
            promise.setSuccess(); // Its bytes are out already: an empty write is not for nothing.
        }
    }

    /** What is written goes out before this turn of the loop ends. */
    void flush() {
        writeHeldHead();
        flush.request();
        if (!ctx.channel().isWritable()) {
            flush.now(); // Room is made before anybody stops reading for want of it.
        }
    }

    /** What was flushed goes out at once: before a close, which would lose it. */
    void flushNow() {
        writeHeldHead();
        flush.now();
    }

    /** Nothing goes out any more. */
    void release() {
        ReferenceCountUtil.release(heldHead);
        heldHead = null;
    }
}
