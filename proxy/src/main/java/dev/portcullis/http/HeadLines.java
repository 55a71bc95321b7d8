package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of a head while its bytes arrive, looking at each byte once, and refuses at the
 * first line that does not end in CRLF, so that nobody waits for a head that can never be right.
 * One per connection and direction; on its event loop.
 */
public final class HeadLines {
    private final int bytesMax;
    private int scanned;
    private int lineStart;
    private @Nullable Reason problem;

    /**
     * @param bytesMax how long a head may be, empty line included
     */
    public HeadLines(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /**
     * Looks on from where it stopped.
     *
     * @return how many bytes from the reader index the head takes, or -1 while it is incomplete or
     *     refused: see {@link #problem()}
     */
    public int scan(ByteBuf bytes) {
        int base = bytes.readerIndex();
        int available = bytes.readableBytes();
        while (problem == null) {
            int lineFeed = bytes.indexOf(base + scanned, base + available, (byte) '\n');
            if (lineFeed < 0) {
                scanned = available;
                problem = available >= bytesMax ? Reason.HEAD_TOO_LARGE : null;
                return -1;
            }
            int length = lineFeed - base - lineStart;
            if (length == 0 || bytes.getByte(lineFeed - 1) != '\r') {
                problem = Reason.HEAD_MALFORMED;
            } else if (lineFeed - base >= bytesMax) {
                problem = Reason.HEAD_TOO_LARGE;
            } else if (length == 1) {
                return endAt(lineFeed - base + 1);
            }
            lineStart = lineFeed - base + 1;
            scanned = lineStart;
        }
        return -1;
    }

    private int endAt(int length) {
        if (lineStart == 0) {
            problem = Reason.HEAD_MALFORMED; // An empty line where the first line should stand.
            return -1;
        }
        scanned = 0;
        lineStart = 0;
        return length;
    }

    /** Why there will be no head, or null. */
    public @Nullable Reason problem() {
        return problem;
    }
}
