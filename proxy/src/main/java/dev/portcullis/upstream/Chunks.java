package dev.portcullis.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** Frames a body of unknown length for the Gateway, anew and without extensions (RFC 9112 §7.1). */
final class Chunks {
    private static final byte[] CRLF = "\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private Chunks() {}

    /** One chunk; the bytes are passed on. */
    static void write(GatewayConnection to, ByteBufAllocator allocator, ByteBuf bytes) {
        if (!bytes.isReadable()) {
            bytes.release(); // A chunk of no bytes would be the last.
            return;
        }
        to.write(opening(allocator, bytes.readableBytes()));
        to.write(bytes);
        to.write(closing(allocator));
    }

    /** What stands before that many bytes. */
    static ByteBuf opening(ByteBufAllocator allocator, int length) {
        var size = allocator.buffer(16);
        ByteBufUtil.writeAscii(size, Integer.toHexString(length));
        return size.writeBytes(CRLF);
    }

    /** What stands behind them. */
    static ByteBuf closing(ByteBufAllocator allocator) {
        return allocator.buffer(CRLF.length).writeBytes(CRLF);
    }

    /** The end of the body, without trailers. */
    static void writeLast(GatewayConnection to, ByteBufAllocator allocator) {
        to.write(last(allocator));
    }

    /** The last chunk. */
    static ByteBuf last(ByteBufAllocator allocator) {
        return allocator.buffer(LAST.length).writeBytes(LAST);
    }
}
