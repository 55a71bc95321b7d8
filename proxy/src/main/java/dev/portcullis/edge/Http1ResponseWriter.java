package dev.portcullis.edge;

import static dev.portcullis.http.HeadText.ascii;

import dev.portcullis.http.HeadText;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.runtime.Latin1Buffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Writes heads and chunk frames of answers in HTTP/1.1 (RFC 9112 §4, §7.1). */
final class Http1ResponseWriter {
    private static final byte[][] STATUS_LINES = statusLines();
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n");
    private static final byte[] LENGTH = ascii("content-length: ");
    private static final byte[] CLOSE = ascii("connection: close\r\n");
    private static final byte[] UPGRADE = ascii("connection: upgrade\r\nupgrade: websocket\r\n");
    private static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");
    private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");

    private Http1ResponseWriter() {}

    /** How the body of an answer is framed. */
    enum Framing {
        NO_BODY,
        LENGTH,
        CHUNKED
    }

    /** The framing that fits the answer. */
    static Framing framing(ResponseHead head, boolean toHeadRequest) {
        int status = head.status();
        if (toHeadRequest || status == 204 || status == 304 || status < 200) {
            return Framing.NO_BODY;
        }
        return head.bodyLength() == RequestHead.UNKNOWN_LENGTH ? Framing.CHUNKED : Framing.LENGTH;
    }

    /**
     * The whole head, in a buffer that is the caller's to release.
     *
     * @param room bytes that may follow in the buffer
     */
    static ByteBuf head(
            ByteBufAllocator allocator,
            ResponseHead head,
            boolean toHeadRequest,
            boolean close,
            int room) {
        var text = HeadText.begin();
        text.add(STATUS_LINES[head.status()]);
        var fields = head.fields();
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            HeadText.addField(text, field.name(), field.value());
        }
        addFraming(text, head, toHeadRequest);
        if (close) {
            text.add(CLOSE);
        }
        HeadText.endLine(text);
        return text.toBuffer(allocator, room);
    }

    private static void addFraming(Latin1Buffer text, ResponseHead head, boolean toHeadRequest) {
        int status = head.status();
        if (status == ResponseHead.SWITCHING_PROTOCOLS) {
            text.add(UPGRADE);
        } else if (head.bodyLength() == RequestHead.UNKNOWN_LENGTH) {
            if (status != 204 && status != 304 && !toHeadRequest) {
                text.add(CHUNKED);
            }
        } else if (status != 204 && (status != 304 || head.bodyLength() > 0)) {
            text.add(LENGTH).addDecimal(head.bodyLength()).add(CRLF);
        }
    }

    /** The interim answer that asks for the body (RFC 9110 §15.2.1). */
    static void writeContinue(ByteBuf out) {
        out.writeBytes(CONTINUE);
    }

    /** The line in front of a chunk of that many bytes, at least 1. */
    static void writeChunkSize(ByteBuf out, int size) {
        out.writeBytes(ascii(Integer.toHexString(size))).writeBytes(CRLF);
    }

    /** What follows the bytes of a chunk. */
    static void writeChunkEnd(ByteBuf out) {
        out.writeBytes(CRLF);
    }

    /** The chunk of no bytes, and no trailers. */
    static void writeLastChunk(ByteBuf out) {
        out.writeBytes(LAST_CHUNK);
    }

    /** With the registered phrase, for people who read the wire: no program may need it. */
    private static byte[][] statusLines() {
        var lines = new byte[600][];
        for (int status = 100; status < lines.length; status++) {
            lines[status] = ascii("HTTP/1.1 " + status + ' ' + phrase(status) + "\r\n");
        }
        return lines;
    }

    private static String phrase(int status) {
        return switch (status) {
            case 101 -> "Switching Protocols";
            case 200 -> "OK";
            case 201 -> "Created";
            case 202 -> "Accepted";
            case 204 -> "No Content";
            case 206 -> "Partial Content";
            case 302 -> "Found";
            case 303 -> "See Other";
            case 304 -> "Not Modified";
            case 308 -> "Permanent Redirect";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 413 -> "Content Too Large";
            case 417 -> "Expectation Failed";
            case 421 -> "Misdirected Request";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> ""; // Optional, but for the blank before it (RFC 9112 §4).
        };
    }
}
