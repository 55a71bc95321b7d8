package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * In front of TLS: gives it whole records only (RFC 8446 §5.1). Of half a one TLS would take memory
 * for all that is announced, where nobody counts it; here it takes what has come, and that is
 * counted. What is no record ends the connection: TLS gets as much of it as it takes to say so, and
 * would wait for the rest. One per connection.
 */
final class RecordGuard extends ChannelInboundHandlerAdapter {
    private static final int HEAD_BYTES = 5;

    /** RFC 5246 §6.2.3; TLS 1.3 allows less. */
    private static final int LENGTH_MAX = (1 << 14) + 2048;

    private static final int TYPE_MIN = 20;
    private static final int TYPE_MAX = 23;
    private static final int VERSION = 3;

    /** The beginning of a record. */
    private @Nullable ByteBuf held;

    private HalfReceived.@Nullable Of half;
    private boolean over;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        half = HalfReceived.of(ctx.channel());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        var bytes = held;
        held = null;
        if (bytes != null) {
            bytes.release();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        ByteBuf wrong = null;
        boolean goesOn = false;
        try { // Memory may be refused.
            if (held != null) {
                goOn(ctx, held, bytes);
            }
            if (bytes.isReadable() && !isOver(ctx)) {
                wrong = keepRest(ctx, bytes);
                goesOn = bytes.isReadable() && !isOver(ctx);
            }
        } finally {
            if (!goesOn) {
                bytes.release();
            }
        }
        if (goesOn) {
            ctx.fireChannelRead(bytes);
        }
        if (wrong != null) {
            refuse(ctx, wrong);
        }
    }

    /**
     * Takes the beginning of a record behind the whole ones.
     *
     * @return what is none instead of it
     */
    private @Nullable ByteBuf keepRest(ChannelHandlerContext ctx, ByteBuf bytes) {
        int whole = whole(bytes);
        int rest = bytes.readableBytes() - whole;
        if (rest == 0) {
            return null;
        }
        int at = bytes.readerIndex() + whole;
        boolean wrong = rest >= HEAD_BYTES && !isHead(bytes, at);
        int kept = wrong ? HEAD_BYTES : rest;
        var begun = ctx.alloc().buffer(kept + 1).writeBytes(bytes, at, kept);
        bytes.writerIndex(at);
        if (wrong) {
            return begun;
        }
        hold(begun);
        return null;
    }

    /**
     * Of a type that there is not TLS gets the shortest record, and of what is too long or of
     * another version the head: either is enough for TLS to say so (RFC 8446 §5.1 and §5.2), but
     * for what is no TLS at all, to which nobody says anything.
     */
    private void refuse(ChannelHandlerContext ctx, ByteBuf head) {
        if (isOver(ctx)) {
            head.release();
            return;
        }
        over = true;
        if (!isType(head.getUnsignedByte(head.readerIndex()))) {
            head.setShort(head.readerIndex() + 1, VERSION << 8 | VERSION);
            head.setShort(head.readerIndex() + 3, 1);
            head.writeByte(0);
        }
        ctx.fireChannelRead(head);
        ctx.close();
    }

    /** Closed meanwhile, perhaps for what is held. */
    private boolean isOver(ChannelHandlerContext ctx) {
        return over || ctx.isRemoved() || !ctx.channel().isOpen();
    }

    /** Takes of the bytes what is missing of the record that has begun. */
    private void goOn(ChannelHandlerContext ctx, ByteBuf begun, ByteBuf bytes) {
        take(begun, bytes, HEAD_BYTES);
        boolean headed = begun.readableBytes() >= HEAD_BYTES;
        boolean wrong = headed && !isHead(begun, begun.readerIndex());
        if (headed && !wrong) {
            take(begun, bytes, HEAD_BYTES + length(begun, begun.readerIndex()));
        }
        if (!wrong && whole(begun) == 0) {
            hold(begun);
            return;
        }
        held = null;
        count(0);
        if (wrong) {
            refuse(ctx, begun);
        } else {
            ctx.fireChannelRead(begun);
        }
    }

    private static void take(ByteBuf begun, ByteBuf bytes, int until) {
        int missing = Math.max(0, until - begun.readableBytes());
        begun.writeBytes(bytes, Math.min(missing, bytes.readableBytes()));
    }

    private void hold(ByteBuf begun) {
        held = begun;
        count(begun.readableBytes());
    }

    private void count(int bytes) {
        Objects.requireNonNull(half).record(bytes);
    }

    /** Bytes of whole records, until one that has not come as a whole or is none. */
    private static int whole(ByteBuf bytes) {
        int from = bytes.readerIndex();
        int end = bytes.writerIndex();
        int at = from;
        while (end - at >= HEAD_BYTES && isHead(bytes, at)) {
            int next = at + HEAD_BYTES + length(bytes, at);
            if (next > end) {
                break;
            }
            at = next;
        }
        return at - from;
    }

    private static boolean isHead(ByteBuf bytes, int at) {
        return isType(bytes.getUnsignedByte(at))
                && bytes.getByte(at + 1) == VERSION
                && length(bytes, at) <= LENGTH_MAX;
    }

    /** Whether there is such a type of records. */
    static boolean isType(int type) {
        return type >= TYPE_MIN && type <= TYPE_MAX;
    }

    private static int length(ByteBuf bytes, int at) {
        return bytes.getUnsignedShort(at + 3);
    }
}
