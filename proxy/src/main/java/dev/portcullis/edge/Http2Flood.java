package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;

/**
 * A user event of an HTTP/2 connection: the client makes more of something than anybody needs. It
 * is told to calm down, and the connection ends (RFC 9113 §10.5).
 */
enum Http2Flood {
    /** Streams that end in a reset, by the client or because of it (CVE-2023-44487, -2025-8671). */
    RESETS(Limit.HTTP2_RESETS),
    /** A field list that does not end. */
    FIELDS(Limit.HEAD),
    /** Requests under way whose windows are taken back. */
    WINDOWS(Limit.HTTP2_STREAMS),
    /** Frames that carry neither a request nor a body. */
    CONTROL_FRAMES(Limit.HTTP2_CONTROL_FRAMES);

    private final Limit limit;

    Http2Flood(Limit limit) {
        this.limit = limit;
    }

    Limit limit() {
        return limit;
    }
}
