package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;

/**
 * Counts TLS records as they go by (RFC 8446 §5.1), wherever the network cuts them. One per
 * connection, on its event loop.
 */
final class TlsRecordCount {
    private static final int HEAD_BYTES = 5;

    private int headBytes;
    private int length;
    private int skip;
    private int count;

    /**
     * Looks at what came next, and takes nothing of it.
     *
     * @return how many records have begun until here
     */
    int add(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            int skipped = Math.min(skip, end - at);
            skip -= skipped;
            at += skipped;
            while (skip == 0 && at < end && headBytes < HEAD_BYTES) {
                length = (length << 8 | bytes.getUnsignedByte(at++)) & 0xFFFF; // The last two.
                headBytes++;
            }
            if (headBytes == HEAD_BYTES) {
                headBytes = 0;
                skip = length;
                count++;
            }
        }
        return count;
    }
}
