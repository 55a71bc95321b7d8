package dev.portcullis.http;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;

/** Reads the trailer section of a chunked body, checks it as strictly as a head, and drops it. */
final class TrailerBlock {
    /** How far it is. */
    enum Progress {
        MORE,
        DONE,
        REFUSED
    }

    private final byte[] bytes;
    private final int fieldsMax;
    private int length;
    private int lineStart;

    TrailerBlock(int bytesMax, int fieldsMax) {
        this.bytes = new byte[bytesMax];
        this.fieldsMax = fieldsMax;
    }

    /** Reads up to the empty line and moves the reader index behind it. */
    Progress read(ByteBuf in) {
        while (in.isReadable()) {
            if (length == bytes.length) {
                return Progress.REFUSED;
            }
            byte b = in.readByte();
            bytes[length++] = b;
            if (b == '\n') {
                int lineLength = length - lineStart;
                if (lineLength < 2 || bytes[length - 2] != '\r') {
                    return Progress.REFUSED;
                }
                if (lineLength == 2) {
                    return check();
                }
                lineStart = length;
            }
        }
        return Progress.MORE;
    }

    private Progress check() {
        var why = HeadSyntax.readFields(bytes, 0, length, new ArrayList<>(), fieldsMax);
        return why == null ? Progress.DONE : Progress.REFUSED;
    }
}
