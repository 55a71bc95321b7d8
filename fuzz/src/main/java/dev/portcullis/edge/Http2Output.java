package dev.portcullis.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.portcullis.fuzz.Finding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** Reads what the door sends on an HTTP/2 connection: frames, and none on a stream that is over. */
final class Http2Output {
    private static final int FRAME_HEAD_BYTES = 9;
    private static final int FRAME_BYTES_MAX = 16 * 1024;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;

    /** FLOW_CONTROL_ERROR, REFUSED_STREAM, ENHANCE_YOUR_CALM (RFC 9113 §7). */
    private static final Set<Integer> LIMITS = Set.of(3, 7, 11);

    private final ByteArrayOutputStream unread = new ByteArrayOutputStream();
    private final Set<Integer> over = new HashSet<>();
    private boolean limited;
    private String goodbye = "";

    void add(ByteBuf bytes) {
        unread.writeBytes(ByteBufUtil.getBytes(bytes));
        var all = unread.toByteArray();
        int at = 0;
        while (all.length - at >= FRAME_HEAD_BYTES) {
            int length = (all[at] & 0xFF) << 16 | (all[at + 1] & 0xFF) << 8 | (all[at + 2] & 0xFF);
            Finding.unless(length <= FRAME_BYTES_MAX, "a frame of " + length + " bytes goes out");
            if (all.length - at < FRAME_HEAD_BYTES + length) {
                break;
            }
            frame(all, at);
            at += FRAME_HEAD_BYTES + length;
        }
        unread.reset();
        unread.write(all, at, all.length - at);
    }

    private void frame(byte[] all, int at) {
        int type = all[at + 3];
        Finding.unless(type >= DATA && type <= CONTINUATION, "a frame of type " + type);
        int stream = ByteBuffer.wrap(all, at + 5, Integer.BYTES).getInt();
        if (type == DATA || type == HEADERS) {
            Finding.unless(!over.contains(stream), "an answer on a stream that is over");
            if ((all[at + 4] & END_STREAM) != 0) {
                over.add(stream);
            }
        } else if (type == RST_STREAM) {
            // Netty may send what it holds of an answer behind it, to a client that broke the
            // rules.
            limited |= LIMITS.contains((int) all[at + FRAME_HEAD_BYTES + 3]);
        } else if (type == GOAWAY) {
            limited |= LIMITS.contains((int) all[at + FRAME_HEAD_BYTES + 7]);
            int length = ByteBuffer.wrap(all, at, Integer.BYTES).getInt() >>> 8;
            int last = Integer.BYTES; // The stream, which is another one the sooner it is said.
            goodbye = new String(all, at + FRAME_HEAD_BYTES + last, length - last, US_ASCII);
        }
    }

    /** Whether the client was told of a limit: what it reaches depends on how bytes come. */
    boolean isLimited() {
        return limited;
    }

    /** Code and words of its last GOAWAY; empty if there was none. */
    String goodbye() {
        return goodbye;
    }
}
