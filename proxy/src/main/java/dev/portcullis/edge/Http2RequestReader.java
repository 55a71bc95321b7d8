package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.BodyPieces;
import dev.portcullis.http.Http2RequestHeads;
import dev.portcullis.http.Refusal;
import dev.portcullis.http.RequestHead;
import io.netty.handler.codec.http2.Http2DataFrame;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one HTTP/2 stream, taken apart into a request: one head, its body in pieces, its
 * end. Holds no bytes. On the event loop.
 */
final class Http2RequestReader {
    /** How much of a body that nobody wants is read before the stream is cut, in bytes. */
    private static final long DROPPED_BYTES_MAX = 64 * 1024;

    private enum State {
        HEAD,
        /** A head that announces no bytes has come; it counts when the stream says so too. */
        END_OF_NOTHING,
        BODY,
        COMPLETE,
        TUNNEL,
        REFUSED
    }

    private final int headMax;
    private final int fieldsMax;
    private final long bodyMax;
    private final BodyPieces pieces = new BodyPieces();
    private State state = State.HEAD;
    private @Nullable RequestHead head;
    private long remaining;
    private long dropped;
    private boolean over;
    private boolean bodyCame;
    private boolean endDue;

    /**
     * @param headMax bytes of a head
     * @param fieldsMax fields of a head
     * @param bodyMax bytes of a body, known before or not
     */
    Http2RequestReader(int headMax, int fieldsMax, long bodyMax) {
        this.headMax = headMax;
        this.fieldsMax = fieldsMax;
        this.bodyMax = bodyMax;
    }

    /**
     * A field list: the head, or after it the trailers.
     *
     * @param endStream whether nothing comes after it
     * @return {@link RequestHead}, {@link BodyEnd} or {@link Refusal}; null if more must come first
     */
    @Nullable Object head(FieldList list, boolean endStream) {
        over = endStream;
        if (state != State.HEAD) {
            return trailers(list);
        }
        if (list.isTooLong()) {
            return refuse(new Refusal(431, Reason.HEAD_TOO_LARGE));
        }
        return switch (Http2RequestHeads.parse(list.fields(), over, headMax, fieldsMax)) {
            case Refusal refusal -> refuse(refusal);
            case RequestHead request -> begin(request);
        };
    }

    private @Nullable Object begin(RequestHead request) {
        head = request;
        remaining =
                request.bodyLength() == RequestHead.UNKNOWN_LENGTH ? bodyMax : request.bodyLength();
        if (request.hasBody()) {
            state = State.BODY;
        } else if (over || request.isWebSocket()) {
            state = State.COMPLETE;
        } else {
            state = State.END_OF_NOTHING;
            return null;
        }
        return request;
    }

    /** They must be right, and are dropped. */
    private @Nullable Object trailers(FieldList list) {
        if (state == State.REFUSED) {
            return null;
        }
        boolean wrong =
                list.isTooLong()
                        || Http2RequestHeads.trailerProblem(list.fields(), headMax, fieldsMax)
                                != null;
        if (wrong || !over || state == State.TUNNEL) {
            return refuse(Refusal.bad(Reason.BODY_MALFORMED));
        }
        return end();
    }

    /**
     * A frame of the body.
     *
     * @return its bytes, which are the caller's to release; or as {@link #head}
     */
    @Nullable Object data(Http2DataFrame frame) {
        int length = frame.content().readableBytes();
        over = frame.isEndStream();
        bodyCame |= length > 0;
        boolean tooLong = length > remaining && state != State.TUNNEL;
        if (state == State.REFUSED || tooLong || length == 0) {
            frame.release();
        }
        if (state == State.REFUSED) {
            dropped += length;
            return null;
        }
        if (tooLong) {
            return refuse(tooLong());
        }
        if (length > 0 && state == State.BODY && pieces.isCrumbs(length)) {
            frame.release();
            return refuse(Refusal.bad(Reason.BODY_MALFORMED));
        }
        remaining -= length;
        if (length == 0) {
            return over && state != State.TUNNEL ? end() : null;
        }
        endDue = over && state == State.BODY;
        return frame.content();
    }

    private Refusal tooLong() {
        boolean unbounded = head != null && head.bodyLength() == RequestHead.UNKNOWN_LENGTH;
        return unbounded
                ? new Refusal(413, Reason.BODY_TOO_LARGE)
                : Refusal.bad(Reason.FRAMING_AMBIGUOUS); // RFC 9113 §8.1.1.
    }

    /** The end of the request, if that is where it should be. */
    @Nullable Object end() {
        endDue = false;
        boolean tooShort =
                head != null && head.bodyLength() != RequestHead.UNKNOWN_LENGTH && remaining > 0;
        if (tooShort) {
            return refuse(Refusal.bad(Reason.FRAMING_AMBIGUOUS)); // RFC 9113 §8.1.1.
        }
        boolean nothing = state == State.END_OF_NOTHING;
        state = State.COMPLETE;
        return nothing ? head : BodyEnd.END;
    }

    private Refusal refuse(Refusal refusal) {
        state = State.REFUSED;
        return refusal;
    }

    /** Nothing more is understood here: what comes is dropped. */
    void stop() {
        state = State.REFUSED;
        endDue = false;
    }

    /** From here on bytes are passed as they come. */
    void openTunnel() {
        state = State.TUNNEL;
    }

    boolean isTunnel() {
        return state == State.TUNNEL;
    }

    /** Whether the client has ended a tunnel. */
    boolean isTunnelOver() {
        return state == State.TUNNEL && over;
    }

    /** Whether the last bytes are handed on, and the end is not. */
    boolean isEndDue() {
        return endDue;
    }

    /** Whether a head has come that says that nothing follows, and its stream goes on. */
    boolean isEndMissing() {
        return state == State.END_OF_NOTHING;
    }

    /** Whether a piece of a body may be waited for, with a deadline. */
    boolean expectsBody() {
        return state == State.BODY && !over;
    }

    /**
     * Whether a further frame is to be asked for.
     *
     * @param demand whether somebody wants a piece of the body
     */
    boolean wantsMore(boolean demand) {
        return !over
                && switch (state) {
                    case HEAD, END_OF_NOTHING -> true;
                    case BODY, TUNNEL -> demand;
                    case COMPLETE, REFUSED -> false;
                };
    }

    /** Whether the client has ended its side. */
    boolean isOver() {
        return over;
    }

    /** Whether the client has said how long its body is, or sent some of it. */
    boolean isBodyOnItsWay() {
        return bodyCame || (head != null && head.bodyLength() > 0);
    }

    boolean droppedTooMuch() {
        return dropped > DROPPED_BYTES_MAX;
    }
}
