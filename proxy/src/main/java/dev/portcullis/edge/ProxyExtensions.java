package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32C;

/**
 * What follows the addresses in a header of PROXY protocol, version 2 (§2.2.1 to §2.2.3): a type, a
 * length and a value each. None must overrun the header; a checksum must be right; what else they
 * say is for nobody.
 */
final class ProxyExtensions {
    private static final int HEAD = 3;
    private static final int CHECKSUM = 0x03;

    private ProxyExtensions() {}

    /**
     * @param header all of it and nothing else
     * @param at where they begin
     */
    static boolean areRight(ByteBuf header, int at) {
        int end = header.readableBytes();
        int next = at;
        while (next < end) {
            int value = next + HEAD;
            if (value > end) {
                return false;
            }
            int length = header.getUnsignedShort(next + 1);
            if (length > end - value) {
                return false;
            }
            if (header.getByte(next) == CHECKSUM && !isChecksum(header, value, length)) {
                return false;
            }
            next = value + length;
        }
        return true;
    }

    /** §2.2.3: over the header, with zeros where the checksum itself stands. */
    private static boolean isChecksum(ByteBuf header, int at, int length) {
        if (length != Integer.BYTES) {
            return false;
        }
        int end = at + length;
        var checksum = new CRC32C();
        checksum.update(header.nioBuffer(0, at));
        checksum.update(new byte[Integer.BYTES]);
        checksum.update(header.nioBuffer(end, header.readableBytes() - end));
        return checksum.getValue() == header.getUnsignedInt(at);
    }
}
