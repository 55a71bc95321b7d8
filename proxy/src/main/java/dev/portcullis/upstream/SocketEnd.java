package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.ControlFrames;
import dev.portcullis.http.Masking;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Why we close a WebSocket, as its close frame says it (RFC 6455 §7.4).
 *
 * @param code 1000 to 4999
 * @param reason a few ASCII words
 */
record SocketEnd(int code, String reason) {
    /** To the Gateway, when its client is gone. */
    static final SocketEnd GOING = new SocketEnd(1001, "client gone");

    /** The Gateway went without a word: it stops or restarts. */
    static final SocketEnd GATEWAY_GONE = new SocketEnd(1012, "gateway gone");

    /** The Gateway sent what is no frame. */
    static final SocketEnd GATEWAY_BROKE_RULES = new SocketEnd(1011, "gateway protocol error");

    /** The client was silent for long and did not answer our ping. */
    static final SocketEnd NO_PONG = new SocketEnd(1001, "no pong");

    /** The client sent messages as fast as it could, and went on when it was slowed. */
    static final SocketEnd FLOOD = new SocketEnd(1008, "rate limited");

    /** The client began a frame, and sent the rest of it too slowly. */
    static final SocketEnd DRIP = new SocketEnd(1008, "frame too slow");

    /** The end that fits the reason. */
    static SocketEnd of(Reason reason) {
        return switch (reason) {
            case SHUTTING_DOWN -> new SocketEnd(1001, "proxy stopping");
            case BODY_MALFORMED -> new SocketEnd(1002, "protocol error");
            case RATE_LIMITED -> new SocketEnd(1008, "rate limited");
            case STORE_UNAVAILABLE -> new SocketEnd(1013, "try again later");
            default -> new SocketEnd(4401, "session ended");
        };
    }

    /** The frame; the caller's to release. */
    ByteBuf frame(ByteBufAllocator allocator, Masking masking) {
        var out = allocator.buffer(ControlFrames.BYTES_MAX);
        ControlFrames.close(out, masking, code, reason);
        return out;
    }
}
