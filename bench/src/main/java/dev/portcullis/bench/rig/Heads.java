package dev.portcullis.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/** Where heads end. */
final class Heads {
    private Heads() {}

    /** Bytes up to and with the empty line, or -1 if it has not come. */
    static int length(ByteBuf in) {
        int start = in.readerIndex();
        int at = start;
        while (true) {
            int lf = in.forEachByte(at, in.writerIndex() - at, ByteProcessor.FIND_LF);
            if (lf < 0) {
                return -1;
            }
            if (lf - at == 1) {
                return lf + 1 - start;
            }
            at = lf + 1;
        }
    }
}
