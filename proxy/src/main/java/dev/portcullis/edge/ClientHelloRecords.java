package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the whole ClientHello where it comes in more than one TLS record, and hands it on in
 * one: each record costs TLS a call into native code, and a client may put every byte into one of
 * its own (RFC 8446 §5.1). What the handshake signs is the message and not its records. What is no
 * such sequence is handed on as it came, for TLS to say what is wrong with it. One per connection,
 * on its event loop; the caller bounds how much comes.
 */
final class ClientHelloRecords {
    private static final int RECORD_HEAD = 5;
    private static final int RECORD_MAX = 1 << 14;
    private static final int MESSAGE_HEAD = 4;
    private static final byte HANDSHAKE = 22;
    private static final byte CLIENT_HELLO = 1;

    private @Nullable ByteBuf held;

    /** Of what is held: where the next record begins. */
    private int next;

    /** Bytes of the message in the records before it. */
    private int collected;

    private boolean over;

    /**
     * Takes what came next.
     *
     * @param bytes handed over
     * @return what goes on now, handed over; null while more has to come first
     */
    @Nullable ByteBuf add(ByteBufAllocator allocator, ByteBuf bytes) {
        if (over) {
            return bytes;
        }
        var before = held;
        if (before != null) {
            try { // Memory may be refused.
                before.writeBytes(bytes);
            } finally {
                bytes.release();
            }
        }
        var all = before == null ? bytes : before;
        var verdict = look(all);
        if (verdict == Verdict.UNFINISHED) {
            held = before == null ? kept(allocator, bytes) : before;
            return null;
        }
        over = true;
        held = null;
        return verdict == Verdict.WHOLE ? joined(allocator, all) : all;
    }

    /** Not the buffer that was read into, which has room for far more. */
    private static ByteBuf kept(ByteBufAllocator allocator, ByteBuf bytes) {
        try {
            return allocator.buffer(bytes.readableBytes()).writeBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    private enum Verdict {
        AS_IT_CAME,
        WHOLE,
        UNFINISHED
    }

    /** Goes on behind the last whole record. */
    private Verdict look(ByteBuf all) {
        int start = all.readerIndex();
        while (all.readableBytes() - next >= RECORD_HEAD) {
            int at = start + next;
            int length = all.getUnsignedShort(at + 3);
            if (all.getByte(at) != HANDSHAKE || length == 0 || length > RECORD_MAX) {
                return Verdict.AS_IT_CAME;
            }
            if (next == 0 && isOneRecord(all, at, length)) {
                return Verdict.AS_IT_CAME;
            }
            if (all.readableBytes() - next < RECORD_HEAD + length) {
                return Verdict.UNFINISHED;
            }
            next += RECORD_HEAD + length;
            collected += length;
            if (collected >= MESSAGE_HEAD) {
                int head = messageHead(all);
                int message = MESSAGE_HEAD + (head & 0xFF_FFFF);
                if (head >>> 24 != CLIENT_HELLO || message > RECORD_MAX || collected > message) {
                    return Verdict.AS_IT_CAME;
                } else if (collected == message) {
                    return Verdict.WHOLE;
                }
            }
        }
        return Verdict.UNFINISHED;
    }

    /** As almost all are: TLS waits for its end as well as we could. */
    private static boolean isOneRecord(ByteBuf all, int at, int length) {
        int message = at + RECORD_HEAD;
        return length >= MESSAGE_HEAD
                && all.writerIndex() >= message + MESSAGE_HEAD
                && length >= MESSAGE_HEAD + all.getUnsignedMedium(message + 1);
    }

    /** Its type and length, wherever the records cut them. */
    private static int messageHead(ByteBuf all) {
        int head = 0;
        int found = 0;
        for (int at = all.readerIndex(); found < MESSAGE_HEAD; ) {
            int end = at + RECORD_HEAD + all.getUnsignedShort(at + 3);
            for (int i = at + RECORD_HEAD; i < end && found < MESSAGE_HEAD; i++) {
                head = head << 8 | all.getUnsignedByte(i);
                found++;
            }
            at = end;
        }
        return head;
    }

    private ByteBuf joined(ByteBufAllocator allocator, ByteBuf all) {
        try {
            return copyJoined(allocator, all);
        } finally {
            all.release();
        }
    }

    private ByteBuf copyJoined(ByteBufAllocator allocator, ByteBuf all) {
        int start = all.readerIndex();
        int rest = all.readableBytes() - next;
        var joined = allocator.buffer(RECORD_HEAD + collected + rest);
        joined.writeBytes(all, start, 3).writeShort(collected);
        for (int at = start; at < start + next; ) {
            int length = all.getUnsignedShort(at + 3);
            joined.writeBytes(all, at + RECORD_HEAD, length);
            at += RECORD_HEAD + length;
        }
        return joined.writeBytes(all, start + next, rest);
    }

    /** The connection ends, or needs this no longer. */
    void close() {
        var bytes = held;
        held = null;
        over = true;
        if (bytes != null) {
            bytes.release();
        }
    }
}
