package dev.portcullis.edge;

import dev.portcullis.http.RequestHead;
import dev.portcullis.http.ResponseHead;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;

/** Writes heads of answers in HTTP/2 (RFC 9113 §8.3.2). */
final class Http2ResponseFields {
    private Http2ResponseFields() {}

    /** The head; an accepted WebSocket is a 200 here (RFC 8441 §5). */
    static Http2Headers of(ResponseHead head) {
        boolean socket = head.status() == ResponseHead.SWITCHING_PROTOCOLS;
        int status = socket ? 200 : head.status();
        var fields = head.fields();
        var written = new DefaultHttp2Headers(false, fields.size() + 2);
        written.status(Integer.toString(status));
        for (int i = 0; i < fields.size(); i++) {
            written.add(fields.get(i).name(), fields.get(i).value());
        }
        boolean counted =
                !socket
                        && head.bodyLength() != RequestHead.UNKNOWN_LENGTH
                        && status != 204
                        && (status != 304 || head.bodyLength() > 0);
        if (counted) {
            written.add("content-length", Long.toString(head.bodyLength()));
        }
        return written;
    }

    /** The interim answer that asks for the body. */
    static Http2Headers asContinue() {
        return new DefaultHttp2Headers(false, 1).status("100");
    }
}
