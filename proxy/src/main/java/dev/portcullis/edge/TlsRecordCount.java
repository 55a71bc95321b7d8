package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;

/**
 * Counts TLS records as they go by (RFC 8446 §5.1), wherever the network cuts them, but for those
 * that may be application data: a client may send it right behind its Finished, and to encrypt it
 * costs the client more than us. What is too short to be encrypted is none: TLS skips it where a
 * client says that it sends early data (§4.2.10). One per connection, on its event loop.
 */
final class TlsRecordCount {
    private static final int HEAD_BYTES = 5;

    private static final int APPLICATION_DATA = 23;

    /** A tag and the type within: less is encrypted by no suite that we take. */
    private static final int ENCRYPTED_MIN = 16 + 1;

    private int headBytes;
    private int type;
    private int length;
    private int skip;
    private int count;

    /**
     * Looks at what came next, and takes nothing of it.
     *
     * @return how many of them have begun until here
     */
    int add(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            int skipped = Math.min(skip, end - at);
            skip -= skipped;
            at += skipped;
            while (skip == 0 && at < end && headBytes < HEAD_BYTES) {
                if (headBytes == 0) {
                    type = bytes.getByte(at);
                }
                length = (length << 8 | bytes.getUnsignedByte(at++)) & 0xFFFF; // The last two.
                headBytes++;
            }
            if (headBytes == HEAD_BYTES) {
                headBytes = 0;
                skip = length;
                count += type == APPLICATION_DATA && length >= ENCRYPTED_MIN ? 0 : 1;
            }
        }
        return count;
    }
}
