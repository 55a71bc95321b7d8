package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.Backlog;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.ChunkedBody;
import dev.portcullis.http.GatewayAnswer;
import dev.portcullis.http.HeadLines;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one connection to the Gateway, taken apart into answers: one head, its body in
 * pieces, its end. Owns what is buffered. On the event loop.
 */
final class GatewayAnswerReader {
    /** Interim answers before one final: each costs us a parse and means nothing to a browser. */
    private static final int INTERIM_MAX = 8;

    private enum State {
        IDLE,
        HEAD,
        FIXED_BODY,
        CHUNKED_BODY,
        BODY_UNTIL_CLOSE,
        END_DUE,
        TUNNEL,
        REFUSED
    }

    private final HeadLines lines = new HeadLines(GatewayAnswer.HEAD_BYTES_MAX);
    private State state = State.IDLE;
    private final Backlog backlog = new Backlog();
    private @Nullable ChunkedBody chunks;
    private long remaining;
    private int interim;
    private boolean toHeadRequest;
    private boolean toUpgrade;
    private boolean closes;

    /** An answer is due. */
    void expect(boolean toHeadRequest, boolean toUpgrade) {
        this.toHeadRequest = toHeadRequest;
        this.toUpgrade = toUpgrade;
        this.closes = false;
        this.interim = 0;
        this.state = State.HEAD;
    }

    /** Takes bytes over. */
    void offer(ByteBufAllocator allocator, ByteBuf bytes) {
        backlog.add(allocator, bytes);
    }

    /**
     * The next message: {@link GatewayAnswer.Head}, a piece of body as a {@link ByteBuf} that is
     * the caller's, {@link BodyEnd}, or {@link GatewayAnswer.Refused}. Null if more bytes are
     * needed.
     */
    @Nullable Object poll() {
        if (state == State.END_DUE) {
            state = State.IDLE;
            return BodyEnd.END;
        }
        var bytes = backlog.bytes();
        if (bytes == null) {
            return null;
        }
        var message =
                switch (state) {
                    case HEAD -> head(bytes);
                    case FIXED_BODY -> fixedBody(bytes);
                    case CHUNKED_BODY -> chunkedBody(bytes);
                    case BODY_UNTIL_CLOSE, TUNNEL -> backlog.take();
                    case IDLE, END_DUE, REFUSED -> null;
                };
        backlog.releaseIfRead();
        return message;
    }

    private @Nullable Object head(ByteBuf bytes) {
        while (true) {
            int length = lines.scan(bytes);
            if (lines.problem() != null) {
                return refuse();
            }
            if (length < 0) {
                return null;
            }
            var copy = new byte[length];
            bytes.readBytes(copy);
            if (!(GatewayAnswer.parse(copy, length) instanceof GatewayAnswer.Head head)) {
                return refuse();
            }
            boolean isFinal = head.status() >= 200 || head.status() == 101;
            if (isFinal) {
                return begin(head);
            }
            boolean hasBody = head.framing() != GatewayAnswer.BodyFraming.UNTIL_CLOSE;
            if (hasBody || ++interim > INTERIM_MAX) {
                return refuse();
            }
        }
    }

    private Object begin(GatewayAnswer.Head head) {
        closes = head.closes();
        if (head.status() == 101) {
            boolean framed = head.framing() != GatewayAnswer.BodyFraming.UNTIL_CLOSE;
            if (!toUpgrade || framed) {
                return refuse();
            }
            state = State.TUNNEL;
            return head;
        }
        if (toHeadRequest || head.status() == 204 || head.status() == 304) {
            state = State.END_DUE;
            return head;
        }
        remaining = head.length();
        state =
                switch (head.framing()) {
                    case LENGTH -> remaining == 0 ? State.END_DUE : State.FIXED_BODY;
                    case CHUNKED -> State.CHUNKED_BODY;
                    case UNTIL_CLOSE -> State.BODY_UNTIL_CLOSE;
                };
        chunks = state == State.CHUNKED_BODY ? ChunkedBody.ofGateway() : null;
        closes |= state == State.BODY_UNTIL_CLOSE;
        return head;
    }

    private ByteBuf fixedBody(ByteBuf bytes) {
        int length = (int) Math.min(remaining, bytes.readableBytes());
        remaining -= length;
        if (remaining == 0) {
            state = State.END_DUE;
        }
        return bytes.readRetainedSlice(length);
    }

    private @Nullable Object chunkedBody(ByteBuf bytes) {
        var body = Objects.requireNonNull(chunks);
        var piece = body.next(bytes);
        if (piece != null) {
            return piece;
        }
        if (body.refused() != null) {
            return refuse();
        }
        if (body.done()) {
            state = State.IDLE;
            return BodyEnd.END;
        }
        return null;
    }

    private GatewayAnswer.Refused refuse() {
        state = State.REFUSED;
        return new GatewayAnswer.Refused(Reason.GATEWAY_ANSWER_INVALID);
    }

    /** Whether the end of the connection is the end of the body. */
    boolean endsWithConnection() {
        return state == State.BODY_UNTIL_CLOSE;
    }

    /** Whether something of the answer is here and was not handed on yet. */
    boolean hasMore() {
        return !backlog.isEmpty() || state == State.END_DUE;
    }

    /** Whether an answer is due and not one byte of it has come. */
    boolean awaitsFirstByte() {
        return state == State.HEAD && backlog.isEmpty() && interim == 0;
    }

    /** Whether the connection may carry another request: this answer is whole, nothing is left. */
    boolean isReusable() {
        return state == State.IDLE && backlog.isEmpty() && !closes;
    }

    /** Lets go of what is buffered. */
    void release() {
        backlog.release();
    }
}
