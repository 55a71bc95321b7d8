package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads a chunked body as it streams, to the letter (RFC 9112 §7.1). Chunk extensions are refused:
 * nobody needs them, and parsers disagree on where they end. Trailers are read strictly, and
 * dropped. A client must not cut its body into crumbs ({@link BodyPieces}). One per body; on its
 * event loop.
 */
public final class ChunkedBody {
    /** Sixteen hexadecimal digits would be a negative length. */
    private static final int SIZE_DIGITS_MAX = 15;

    private static final int TRAILER_BYTES_MAX = 4 * 1024;
    private static final int TRAILERS_MAX = 32;

    private enum State {
        SIZE,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILERS,
        DONE,
        REFUSED
    }

    private final @Nullable BodyPieces pieces;
    private State state = State.SIZE;
    private long size;
    private int digits;
    private @Nullable TrailerBlock trailers;

    private ChunkedBody(@Nullable BodyPieces pieces) {
        this.pieces = pieces;
    }

    /** Of a request. */
    public static ChunkedBody ofClient() {
        return new ChunkedBody(new BodyPieces());
    }

    /** Of an answer. */
    public static ChunkedBody ofGateway() {
        return new ChunkedBody(null);
    }

    /**
     * Reads on from the reader index and moves it.
     *
     * @return a retained slice of body bytes, the caller's to release; null if there are none in
     *     what is left: more input is needed, or {@link #done()}, or {@link #refused()}
     */
    public @Nullable ByteBuf next(ByteBuf in) {
        while (in.isReadable() && state != State.DONE && state != State.REFUSED) {
            if (state == State.DATA) {
                return data(in);
            }
            if (state == State.TRAILERS) {
                state = readTrailers(in);
            } else {
                state = framing(in.readByte());
            }
        }
        return null;
    }

    private ByteBuf data(ByteBuf in) {
        int length = (int) Math.min(size, in.readableBytes());
        size -= length;
        state = size == 0 ? State.DATA_CR : State.DATA;
        return in.readRetainedSlice(length);
    }

    private State framing(byte b) {
        return switch (state) {
            case SIZE -> sizeByte(b);
            case SIZE_LF -> b == '\n' ? afterSize() : State.REFUSED;
            case DATA_CR -> b == '\r' ? State.DATA_LF : State.REFUSED;
            case DATA_LF -> b == '\n' ? nextChunk() : State.REFUSED;
            case DATA, TRAILERS, DONE, REFUSED -> State.REFUSED;
        };
    }

    private State sizeByte(byte b) {
        if (b == '\r') {
            return digits > 0 ? State.SIZE_LF : State.REFUSED;
        }
        int digit = Character.digit(b, 16);
        if (digit < 0 || ++digits > SIZE_DIGITS_MAX) {
            return State.REFUSED;
        }
        size = size * 16 + digit;
        return State.SIZE;
    }

    private State afterSize() {
        if (size > 0) {
            return pieces != null && pieces.isCrumbs(size) ? State.REFUSED : State.DATA;
        }
        trailers = new TrailerBlock(TRAILER_BYTES_MAX, TRAILERS_MAX);
        return State.TRAILERS;
    }

    private State nextChunk() {
        size = 0;
        digits = 0;
        return State.SIZE;
    }

    private State readTrailers(ByteBuf in) {
        var block = java.util.Objects.requireNonNull(trailers);
        return switch (block.read(in)) {
            case MORE -> State.TRAILERS;
            case DONE -> State.DONE;
            case REFUSED -> State.REFUSED;
        };
    }

    /** How many bytes of the chunk under way are announced and not read yet. */
    public long chunkRemaining() {
        return state == State.DATA ? size : 0;
    }

    /** Whether the body is whole, trailers included. */
    public boolean done() {
        return state == State.DONE;
    }

    /** Why the body is not one, or null. */
    public @Nullable Reason refused() {
        return state == State.REFUSED ? Reason.BODY_MALFORMED : null;
    }
}
