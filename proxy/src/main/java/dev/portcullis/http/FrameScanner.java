package dev.portcullis.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Follows the WebSocket frames of one direction while their bytes stream past, and says how many of
 * them may be relayed (RFC 6455 §5). Reads the heads of frames, the payload of close frames, and a
 * client's first message if it is text: as long as nobody is proven, it must be UTF-8 (§8.1). Every
 * other payload is skipped unseen, so whether a later text is UTF-8 is left to its reader, who must
 * unmask it anyway. Copies nothing, moves no index, keeps no buffer. One per direction and
 * connection, on its event loop.
 *
 * <p>No extension is ever negotiated, so reserved bits are always wrong (§5.2).
 */
public final class FrameScanner {
    /** How many bytes the Gateway takes in one message before {@code connect} has passed. */
    public static final long FIRST_MESSAGE_MAX = 64 * 1024;

    /** How many bytes the Gateway takes in any later message. */
    public static final long MESSAGE_MAX = 25 * 1024 * 1024;

    /**
     * How many bytes the Gateway may send in one message: more than the 50 MiB after which it gives
     * up a slow reader, so that nothing it could deliver is cut here.
     */
    public static final long GATEWAY_MESSAGE_MAX = 64 * 1024 * 1024;

    /**
     * Fragments of one message. The Gateway keeps an object for each until the last one, and an
     * empty one costs its sender six bytes: a million of them fit in any byte limit. This many hold
     * the largest message in pieces of 400 bytes, smaller than any library sends.
     */
    public static final int FRAGMENTS_MAX = 65_536;

    /**
     * What the peer did wrong.
     *
     * @param closeCode 1002, 1007 or 1009 (§7.4.1)
     * @param reason for the close frame and the log; says nothing of the payload
     */
    public record Violation(int closeCode, String reason) {}

    /**
     * A close frame that passed.
     *
     * @param code 1005 if the frame had none (§7.1.5)
     * @param reason at most 123 bytes of UTF-8
     */
    public record Close(int code, String reason) {}

    private static final int FIN = 0x80;
    private static final int RESERVED_BITS = 0x70;
    private static final int OPCODE = 0x0F;
    private static final int CONTINUATION = 0x0;
    private static final int TEXT = 0x1;
    private static final int BINARY = 0x2;
    private static final int CONTROL = 0x8;
    private static final int CLOSE = 0x8;
    private static final int PONG = 0xA;
    private static final int MASK = 0x80;
    private static final int LENGTH = 0x7F;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int CONTROL_BYTES_MAX = 125;

    private static final int PROTOCOL_ERROR = 1002;
    private static final int BAD_DATA = 1007;
    private static final int TOO_BIG = 1009;

    private final boolean masked;
    private final long messageMax;
    private long limit;

    // The frame under way.
    private int headFilled;
    private int headLength;
    private int lengthEnd;
    private boolean fin;
    private int opcode;
    private int mask;
    private long payloadLength;
    private long payloadLeft;
    private byte @Nullable [] closePayload;

    // The message under way.
    private boolean inMessage;
    private long messageBytes;
    private int messageFrames;

    /** Of a client's first message, if it is text. */
    private @Nullable Utf8Check text;

    private long frames;
    private long messages;
    private long controlFrames;
    private @Nullable Violation violation;
    private @Nullable Close close;
    private boolean cutMidFrame;

    /**
     * @param firstMessageMax bytes of the first message, over all its fragments
     * @param messageMax bytes of every later one
     */
    public FrameScanner(Masking masking, long firstMessageMax, long messageMax) {
        this.masked = masking == Masking.MASKED;
        this.limit = firstMessageMax;
        this.messageMax = messageMax;
    }

    /** For what a client sends to the Gateway. */
    public static FrameScanner ofClient() {
        return new FrameScanner(Masking.MASKED, FIRST_MESSAGE_MAX, MESSAGE_MAX);
    }

    /** For what the Gateway sends to a client. */
    public static FrameScanner ofGateway() {
        return new FrameScanner(Masking.UNMASKED, GATEWAY_MESSAGE_MAX, GATEWAY_MESSAGE_MAX);
    }

    /**
     * Looks at the readable bytes, which follow those accepted so far.
     *
     * @param stopAtBoundary whether to stop before the next frame begins, so that one of our own
     *     can go in between; at a boundary that means at once
     * @return how many bytes, from the reader index on, may be relayed. Less than all only if there
     *     is a {@link #violation}, whose frame is left out as far as it is in these bytes; if the
     *     close frame is complete, and the rest is for nobody; or if it stopped as asked
     */
    public int scan(ByteBuf bytes, boolean stopAtBoundary) {
        int start = bytes.readerIndex();
        int end = bytes.writerIndex();
        int at = start;
        int frameStart = atBoundary() ? start : -1; // -1: it began in earlier bytes.
        while (at < end && violation == null && close == null) {
            if (payloadLeft > 0) {
                at += payload(bytes, at, end - at);
            } else {
                if (headFilled == 0) {
                    if (stopAtBoundary) {
                        break;
                    }
                    frameStart = at;
                }
                head(bytes.getByte(at++) & 0xFF);
            }
        }
        if (violation == null) {
            return at - start;
        }
        cutMidFrame |= frameStart < 0;
        return frameStart < 0 ? 0 : frameStart - start;
    }

    /**
     * Whether what was accepted so far ends between two frames. After a violation: if not, the peer
     * is in the middle of a frame, and no close frame of ours would reach it as one.
     */
    public boolean atBoundary() {
        return violation == null ? headFilled == 0 && payloadLeft == 0 : !cutMidFrame;
    }

    /** What the peer did wrong, or null. Final: nothing is accepted after it. */
    public @Nullable Violation violation() {
        return violation;
    }

    /** The close frame, once it has passed whole; null before. */
    public @Nullable Close close() {
        return close;
    }

    /** Whether the close frame has passed whole: this direction is over (§5.5.1). */
    public boolean closed() {
        return close != null;
    }

    /** Whole text and binary messages so far. */
    public long messages() {
        return messages;
    }

    /** Whole frames so far, control frames included. */
    public long frames() {
        return frames;
    }

    /** Whole control frames so far. */
    public long controlFrames() {
        return controlFrames;
    }

    /** How much of the frame under way is still to come, once its head is whole; else 0. */
    public long payloadLeft() {
        return payloadLeft;
    }

    /** How much of the frame under way has come, its head included; 0 between two frames. */
    public long frameBytes() {
        return payloadLeft > 0 ? headFilled + payloadLength - payloadLeft : headFilled;
    }

    private void head(int octet) {
        if (headFilled == 0) {
            first(octet);
        } else if (headFilled == 1) {
            second(octet);
        } else if (headFilled < lengthEnd) {
            payloadLength = payloadLength << 8 | octet;
        } else {
            mask = mask << 8 | octet;
        }
        headFilled++;
        if (violation == null && headFilled > 1) {
            if (headFilled == lengthEnd) {
                checkLength();
            }
            if (violation == null && headFilled == headLength) {
                headDone();
            }
        }
    }

    private void first(int octet) {
        fin = (octet & FIN) != 0;
        opcode = octet & OPCODE;
        boolean control = opcode >= CONTROL;
        if ((octet & RESERVED_BITS) != 0) {
            fail(PROTOCOL_ERROR, "reserved bits set (expected: 0, no extension is in use)");
        } else if (control ? opcode > PONG : opcode > BINARY) {
            fail(PROTOCOL_ERROR, "unknown opcode (expected: 0, 1, 2, 8, 9 or 10)");
        } else if (control && !fin) {
            fail(PROTOCOL_ERROR, "fragmented control frame (expected: a whole one)");
        } else if (!control && inMessage != (opcode == CONTINUATION)) {
            fail(
                    PROTOCOL_ERROR,
                    inMessage
                            ? "new message inside another (expected: its continuation)"
                            : "continuation of nothing (expected: a message to begin)");
        } else if (!control && messageFrames == FRAGMENTS_MAX) {
            fail(TOO_BIG, "too many fragments (expected: at most " + FRAGMENTS_MAX + ")");
        }
    }

    private void second(int octet) {
        int length = octet & LENGTH;
        if (((octet & MASK) != 0) != masked) {
            fail(
                    PROTOCOL_ERROR,
                    masked
                            ? "unmasked frame (expected: a mask from a client)"
                            : "masked frame (expected: no mask from a server)");
        } else if (opcode >= CONTROL && length > CONTROL_BYTES_MAX) {
            fail(PROTOCOL_ERROR, "long control frame (expected: at most 125 bytes)");
        } else if (opcode == CLOSE && length == 1) {
            fail(PROTOCOL_ERROR, "half a close code (expected: none, or two bytes)");
        }
        int more = length == LENGTH_16 ? Short.BYTES : length == LENGTH_64 ? Long.BYTES : 0;
        payloadLength = more == 0 ? length : 0;
        lengthEnd = 2 + more;
        headLength = lengthEnd + (masked ? Integer.BYTES : 0);
    }

    /** §5.2: the shortest form, and no more than 63 bits. */
    private void checkLength() {
        boolean shortest =
                lengthEnd == 2
                        || (lengthEnd == 2 + Short.BYTES
                                ? payloadLength >= LENGTH_16
                                : payloadLength < 0 || payloadLength > 0xFFFF);
        if (!shortest || payloadLength < 0) {
            fail(PROTOCOL_ERROR, "malformed length (expected: the shortest form, 63 bits)");
        } else if (opcode < CONTROL && payloadLength > limit - messageBytes) {
            fail(TOO_BIG, "message too big (expected: at most " + limit + " bytes)");
        }
    }

    private void headDone() {
        payloadLeft = payloadLength;
        if (opcode < CONTROL) {
            if (masked && messages == 0 && opcode == TEXT) {
                text = new Utf8Check();
            }
            inMessage = !fin;
            messageBytes += payloadLength;
            messageFrames++;
        } else if (opcode == CLOSE) {
            closePayload = new byte[(int) payloadLength];
        }
        if (payloadLeft == 0) {
            frameDone();
        }
    }

    /** Passes what there is of the payload, in one step if nobody reads it; how much that was. */
    private int payload(ByteBuf bytes, int at, int available) {
        int part = (int) Math.min(payloadLeft, available);
        if (closePayload != null) {
            bytes.getBytes(at, closePayload, (int) (payloadLength - payloadLeft), part);
        } else if (text != null && opcode < CONTROL) {
            checkText(text, bytes, at, part);
        }
        payloadLeft -= part;
        if (payloadLeft == 0 && violation == null) {
            frameDone();
        }
        return part;
    }

    private void checkText(Utf8Check check, ByteBuf bytes, int from, int length) {
        int done = (int) (payloadLength - payloadLeft);
        for (int i = 0; i < length; i++) {
            int key = mask >>> (24 - 8 * (done + i & 3));
            if (!check.accepts((bytes.getByte(from + i) ^ key) & 0xFF)) {
                failText();
                return;
            }
        }
    }

    private void failText() {
        fail(BAD_DATA, "text is not UTF-8 (expected: UTF-8)");
    }

    private void frameDone() {
        if (closePayload != null) {
            closeDone(closePayload);
        } else if (opcode < CONTROL && fin) {
            messageDone();
        }
        if (violation == null) {
            frames++;
            controlFrames += opcode >= CONTROL ? 1 : 0;
            headFilled = 0;
            mask = 0;
        }
    }

    private void messageDone() {
        if (text != null && !text.isWhole()) {
            failText();
            return;
        }
        text = null;
        messages++;
        messageBytes = 0;
        messageFrames = 0;
        limit = messageMax;
    }

    private void closeDone(byte[] payload) {
        switch (ClosePayload.read(payload, masked ? mask : 0)) {
            case ClosePayload.Right(Close right) -> close = right;
            case ClosePayload.Wrong(Violation wrong) -> violation = wrong;
        }
    }

    private void fail(int closeCode, String reason) {
        violation = new Violation(closeCode, reason);
    }
}
