package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.Backlog;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.ChunkedBody;
import dev.portcullis.http.HeadLines;
import dev.portcullis.http.Refusal;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.RequestHeads;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one HTTP/1.1 client connection, taken apart into requests: one head, its body in
 * pieces, then nothing until {@link #nextRequest()}. Owns what is buffered. On the event loop.
 */
final class Http1RequestReader {
    private enum State {
        HEAD,
        FIXED_BODY,
        CHUNKED_BODY,
        COMPLETE,
        TUNNEL,
        REFUSED
    }

    private static final FastThreadLocal<byte[]> HEAD_BYTES =
            new FastThreadLocal<>() {
                @Override
                protected byte[] initialValue() {
                    return new byte[1024];
                }
            };

    private final HeadLines lines;
    private final int fieldsMax;
    private final long bodyMax;
    private State state = State.HEAD;
    private final Backlog backlog = new Backlog();
    private @Nullable ChunkedBody chunks;
    private long remaining;

    /**
     * @param headMax bytes of a head
     * @param fieldsMax fields of a head
     * @param bodyMax bytes of a body, known before or not
     */
    Http1RequestReader(int headMax, int fieldsMax, long bodyMax) {
        this.lines = new HeadLines(headMax);
        this.fieldsMax = fieldsMax;
        this.bodyMax = bodyMax;
    }

    /** Takes bytes over. */
    void offer(ByteBufAllocator allocator, ByteBuf bytes) {
        backlog.add(allocator, bytes);
    }

    /** What is left waits for more, or for its turn. */
    void settle(ByteBufAllocator allocator) {
        backlog.settle(allocator);
    }

    /**
     * The next message: {@link RequestHead}, a piece of its body as a {@link ByteBuf} that is the
     * caller's to release, {@link BodyEnd} if the request had a body, or {@link Refusal}. Null if
     * more bytes are needed or the request is complete.
     */
    @Nullable Object poll() {
        var bytes = backlog.bytes();
        if (state == State.FIXED_BODY && remaining == 0) {
            state = State.COMPLETE;
            return BodyEnd.END;
        }
        if (bytes == null) {
            return null;
        }
        var message =
                switch (state) {
                    case HEAD -> head(bytes);
                    case FIXED_BODY -> fixedBody(bytes);
                    case CHUNKED_BODY -> chunkedBody(bytes);
                    case TUNNEL ->
                            backlog.take(); // Whole: a slice of everything is one object more.
                    case COMPLETE, REFUSED -> null;
                };
        backlog.releaseIfRead();
        return message;
    }

    private @Nullable Object head(ByteBuf bytes) {
        int length = lines.scan(bytes);
        var problem = lines.problem();
        if (problem != null) {
            return refuse(new Refusal(problem == Reason.HEAD_TOO_LARGE ? 431 : 400, problem));
        }
        if (length < 0) {
            return null;
        }
        var head = headBytes(length);
        bytes.readBytes(head, 0, length);
        return switch (RequestHeads.parse(head, length, fieldsMax)) {
            case Refusal refusal -> refuse(refusal);
            case RequestHead request -> begin(request);
        };
    }

    private static byte[] headBytes(int length) {
        var bytes = HEAD_BYTES.get();
        if (bytes.length < length) {
            bytes = new byte[Math.max(length, 16 * 1024)];
            HEAD_BYTES.set(bytes);
        }
        return bytes;
    }

    private RequestHead begin(RequestHead request) {
        remaining = request.bodyLength();
        if (remaining == 0) {
            state = State.COMPLETE;
        } else if (remaining == RequestHead.UNKNOWN_LENGTH) {
            state = State.CHUNKED_BODY;
            chunks = ChunkedBody.ofClient();
            remaining = bodyMax;
        } else {
            state = State.FIXED_BODY;
        }
        return request;
    }

    private ByteBuf fixedBody(ByteBuf bytes) {
        int length = (int) Math.min(remaining, bytes.readableBytes());
        remaining -= length;
        return bytes.readRetainedSlice(length);
    }

    private @Nullable Object chunkedBody(ByteBuf bytes) {
        var body = java.util.Objects.requireNonNull(chunks);
        var piece = body.next(bytes);
        remaining -= piece == null ? 0 : piece.readableBytes();
        if (remaining < body.chunkRemaining()) { // What it announces counts, come or not.
            ReferenceCountUtil.release(piece);
            return refuse(new Refusal(413, Reason.BODY_TOO_LARGE));
        }
        if (piece != null) {
            return piece;
        }
        var refused = body.refused();
        if (refused != null) {
            return refuse(Refusal.bad(refused));
        }
        if (body.done()) {
            state = State.COMPLETE;
            chunks = null;
            return BodyEnd.END;
        }
        return null;
    }

    private Refusal refuse(Refusal refusal) {
        state = State.REFUSED;
        return refusal;
    }

    /** The answer is out: the next request may be read. */
    void nextRequest() {
        state = State.HEAD;
    }

    /** From here on bytes are passed as they come. */
    void openTunnel() {
        state = State.TUNNEL;
    }

    /** Nothing more is understood here: what comes is dropped. */
    void stop() {
        state = State.REFUSED;
        release();
    }

    /** Whether a head is due. */
    boolean expectsHead() {
        return state == State.HEAD;
    }

    /** Whether part of a head has come. */
    boolean midwayInHead() {
        return state == State.HEAD && !backlog.isEmpty();
    }

    /** Whether a body, or a tunnel's bytes, are due. */
    boolean expectsBody() {
        return state == State.FIXED_BODY || state == State.CHUNKED_BODY || state == State.TUNNEL;
    }

    /** Whether the request is whole, and nothing of the next one is read yet. */
    boolean isComplete() {
        return state == State.COMPLETE;
    }

    /** Whether nothing that comes is understood any more. */
    boolean isStopped() {
        return state == State.REFUSED;
    }

    /** Whether the connection carries a tunnel. */
    boolean isTunnel() {
        return state == State.TUNNEL;
    }

    /** Body bytes still to come; only an upper bound if the body is chunked. */
    long bodyRemaining() {
        return state == State.FIXED_BODY || state == State.CHUNKED_BODY ? remaining : 0;
    }

    /** Bytes waiting here. */
    int bufferedBytes() {
        return backlog.size();
    }

    /** Lets go of what is buffered. */
    void release() {
        backlog.release();
    }
}
