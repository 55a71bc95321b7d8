package dev.portcullis.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Holds one connection's answers against what they must be: status, length, and every byte. */
final class AnswerCheck {
    private final ByteBuf expected;
    private final int status;
    private final ByteBuf head = Unpooled.buffer(1024);
    private boolean inBody;
    private int at;
    private @Nullable String problem;

    /**
     * @param status 101 has no body
     * @param expected the body
     */
    AnswerCheck(int status, ByteBuf expected) {
        this.status = status;
        this.expected = expected;
    }

    /** Takes bytes; whether one answer is whole. What follows it stays in the buffer. */
    boolean feed(ByteBuf in) {
        if (!inBody) {
            readHead(in);
        }
        if (inBody && problem == null) {
            int part = Math.min(in.readableBytes(), expected.writerIndex() - at);
            if (!ByteBufUtil.equals(expected, at, in, in.readerIndex(), part)) {
                problem = "other bytes in the body (expected: the Gateway's)";
            }
            in.skipBytes(part);
            at += part;
        }
        boolean whole = inBody && problem == null && at == expected.writerIndex();
        if (whole) {
            inBody = false;
            at = 0;
        }
        return whole;
    }

    private void readHead(ByteBuf in) {
        int before = head.readableBytes();
        int start = in.readerIndex();
        head.writeBytes(in);
        int length = Heads.length(head);
        if (length < 0) {
            return;
        }
        in.readerIndex(start + length - before);
        var text = head.toString(0, length, StandardCharsets.ISO_8859_1);
        head.clear();
        boolean right =
                text.startsWith("HTTP/1.1 " + status + " ")
                        && (status == 101
                                || text.toLowerCase(Locale.ROOT)
                                        .contains(
                                                "\r\ncontent-length: "
                                                        + expected.writerIndex()
                                                        + "\r\n"));
        if (!right) {
            problem = "answered " + text.lines().findFirst().orElse("nothing");
        }
        inBody = true;
    }

    /** What was wrong, or null. */
    @Nullable String problem() {
        return problem;
    }
}
