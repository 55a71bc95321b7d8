package dev.portcullis.edge;

import static io.netty.handler.codec.ByteToMessageDecoder.MERGE_CUMULATOR;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.runtime.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Watches the frames of one HTTP/2 connection go by, before anything is done for them: how many
 * carry nothing, how long a head takes to come, and whether the client reads what it asked for.
 *
 * <p><b>In and out:</b> the same bytes. <b>Events:</b> {@link Http2Flood}, and then no more bytes.
 */
final class Http2FrameGuard extends ChannelDuplexHandler {
    /**
     * Requests that begin in one turn of the event loop: what a stream takes is given back between
     * turns, and all clients together could begin thousands in one.
     */
    private static final int HEADS_PER_TURN = 16;

    private static final int PREFACE_BYTES = 24;
    private static final int FRAME_HEAD_BYTES = 9;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private final LimitsConfig limits;
    private final Http2ControlFrames control;
    private final Http2Resets resets;
    private final StreamHistory history;
    private HalfReceived.@Nullable Of half;
    private final byte[] head = new byte[FRAME_HEAD_BYTES];
    private int headBytes;
    private int skip = PREFACE_BYTES;
    private int length;
    private boolean inFieldBlock;
    private boolean blockEnds;
    private boolean isTimed;
    private long blockBytes;
    private int heads;
    private int looked;
    private @Nullable ByteBuf later;
    private boolean stopped;
    private boolean readHeld;
    private @Nullable Deadline headDeadline;
    private @Nullable Deadline readDeadline;

    /**
     * @param history of the streams of this connection
     */
    Http2FrameGuard(
            LimitsConfig limits,
            Http2ControlFrames control,
            Http2Resets resets,
            StreamHistory history) {
        this.limits = limits;
        this.control = control;
        this.resets = resets;
        this.history = history;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        half = HalfReceived.of(ctx.channel());
        headDeadline = new Deadline(ctx.executor(), () -> late(ctx));
        readDeadline = new Deadline(ctx.executor(), ctx::close);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        Objects.requireNonNull(headDeadline).cancel();
        Objects.requireNonNull(readDeadline).cancel();
        var bytes = later;
        later = null;
        if (bytes != null) {
            bytes.release();
        }
    }

    // --- bytes from the client ---------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        boolean taken = false;
        try { // Memory may be refused.
            take(ctx, (ByteBuf) message);
            taken = true;
        } finally {
            stopped |= !taken; // The codec lacks what was not passed.
        }
    }

    private void take(ChannelHandlerContext ctx, ByteBuf bytes) {
        var before = later;
        if (before == null) {
            pass(ctx, bytes);
        } else { // Of the same read: no other is asked for.
            later = MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
            count(later.readableBytes());
        }
    }

    /** Of one turn: what comes of one read may be many messages. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        heads = 0;
        ctx.fireChannelReadComplete();
    }

    /** A head has not ended in time, unless it is us who do not read it. */
    private void late(ChannelHandlerContext ctx) {
        if (readHeld) {
            Objects.requireNonNull(headDeadline).set(limits.headTime());
        } else {
            ctx.close();
        }
    }

    private void pass(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (!isOver(ctx)) {
            var flood = look(ctx, bytes);
            if (flood != null) {
                stopped = true;
                ctx.fireUserEventTriggered(flood);
            }
        }
        int rest = bytes.writerIndex() - looked;
        count(isOver(ctx) ? 0 : rest);
        if (isOver(ctx)) { // It may have been cut for what it holds.
            bytes.release();
            return;
        }
        if (rest > 0) {
            later = bytes.retainedSlice(looked, rest);
            bytes.writerIndex(looked);
            ctx.executor().execute(() -> goOn(ctx));
        }
        int begun = begunBytes(bytes);
        if (!bytes.isReadable()) {
            bytes.release();
        } else if (rest == 0 && begun > 0) {
            passInTwo(ctx, bytes, begun);
        } else {
            ctx.fireChannelRead(bytes);
        }
    }

    /** Whether nothing more goes on: what is behind may have stopped by itself. */
    private boolean isOver(ChannelHandlerContext ctx) {
        return stopped || resets.isStopped() || !ctx.channel().isOpen();
    }

    /** Of the frame under way, or of the preface, how many of these bytes are its beginning. */
    private int begunBytes(ByteBuf bytes) {
        int begun = headBytes;
        if (skip > 0) {
            begun = length == 0 ? PREFACE_BYTES - skip : FRAME_HEAD_BYTES + length - skip;
        }
        return Math.min(begun, bytes.readableBytes());
    }

    /** The beginning of a frame waits for the rest of it, and not with all that it came with. */
    private static void passInTwo(ChannelHandlerContext ctx, ByteBuf bytes, int begun) {
        int at = bytes.writerIndex() - begun;
        ByteBuf beginning = null;
        try { // Memory may be refused.
            beginning = ctx.alloc().buffer(begun).writeBytes(bytes, at, begun);
        } finally {
            if (beginning == null) {
                bytes.release();
            }
        }
        ctx.fireChannelRead(bytes.writerIndex(at));
        if (ctx.isRemoved()) {
            beginning.release();
        } else {
            ctx.fireChannelRead(beginning);
        }
    }

    /** With what one turn was too short for. */
    private void goOn(ChannelHandlerContext ctx) {
        var bytes = later;
        later = null;
        if (bytes == null) {
            return;
        }
        heads = 0;
        try {
            pass(ctx, bytes);
        } catch (RuntimeException | Error fault) {
            stopped = true;
            ctx.fireExceptionCaught(fault);
            return;
        }
        ctx.fireChannelReadComplete();
        readIfHeld(ctx);
    }

    private @Nullable Http2Flood look(ChannelHandlerContext ctx, ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            int skipped = Math.min(skip, end - at);
            skip -= skipped;
            at += skipped;
            if (skip == 0 && headBytes == 0) {
                whole();
                if (heads >= HEADS_PER_TURN) {
                    break;
                }
            }
            while (skip == 0 && at < end && headBytes < FRAME_HEAD_BYTES) {
                head[headBytes++] = bytes.getByte(at++);
            }
            if (headBytes == FRAME_HEAD_BYTES) {
                headBytes = 0;
                length = (head[0] & 0xFF) << 16 | (head[1] & 0xFF) << 8 | (head[2] & 0xFF);
                skip = length;
                var flood = frame(ctx, head[3], head[4]);
                if (flood != null) {
                    return flood;
                }
                if (skip == 0) {
                    whole();
                }
            }
        }
        looked = at;
        if (inFieldBlock && !isTimed) {
            isTimed = true;
            Objects.requireNonNull(headDeadline).set(limits.headTime());
        }
        return null;
    }

    /**
     * What has come of the frame under way, or of the head, waits for the rest of it.
     *
     * @param rest bytes that wait for another turn
     */
    private void count(int rest) {
        long frame = skip > 0 ? Math.max(0, length - skip) : 0; // None is the preface.
        long begun = inFieldBlock ? Math.max(0, blockBytes - skip) : frame;
        Objects.requireNonNull(half).message((int) begun + rest);
    }

    /** The frame under way has come as a whole. */
    private void whole() {
        if (blockEnds) {
            blockEnds = false;
            inFieldBlock = false;
            if (isTimed) {
                isTimed = false;
                Objects.requireNonNull(headDeadline).clear();
            }
        }
    }

    private @Nullable Http2Flood frame(ChannelHandlerContext ctx, int type, int flags) {
        return switch (type) {
            case DATA -> length == 0 && (flags & END_STREAM) == 0 ? control(ctx) : null;
            case HEADERS -> {
                blockBytes = 0;
                heads++;
                yield fieldBlock(flags);
            }
            case CONTINUATION -> {
                var flood = fieldBlock(flags);
                yield flood == null ? control(ctx) : flood;
            }
            case RST_STREAM -> reset(ctx);
            default -> control(ctx); // SETTINGS, PING, PRIORITY, WINDOW_UPDATE, and unknown ones.
        };
    }

    private @Nullable Http2Flood control(ChannelHandlerContext ctx) {
        return control.isTooMany(ctx) ? Http2Flood.CONTROL_FRAMES : null;
    }

    /** What we have reset already is counted already. */
    private @Nullable Http2Flood reset(ChannelHandlerContext ctx) {
        if (history.wasResetByUs(stream())) {
            return control(ctx);
        }
        return resets.isTooMany(ctx.executor().ticker().nanoTime()) ? Http2Flood.RESETS : null;
    }

    private int stream() {
        return (head[5] & 0x7F) << 24
                | (head[6] & 0xFF) << 16
                | (head[7] & 0xFF) << 8
                | (head[8] & 0xFF);
    }

    /** A head has begun, or a further part of it. */
    private @Nullable Http2Flood fieldBlock(int flags) {
        inFieldBlock = true;
        blockEnds = (flags & END_HEADERS) != 0;
        blockBytes += length;
        return blockBytes > Http2Codecs.blockBytes(limits) ? Http2Flood.FIELDS : null;
    }

    // --- bytes to the client -----------------------------------------------------------------

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            control.sent(bytes.readableBytes());
        }
        ctx.write(message, promise);
    }

    /** A client that asks and does not read gets no further answers: they would pile up here. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        readHeld = true;
        readIfHeld(ctx);
    }

    private void readIfHeld(ChannelHandlerContext ctx) {
        if (readHeld && later == null && ctx.channel().isWritable()) {
            readHeld = false;
            ctx.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        var deadline = Objects.requireNonNull(readDeadline);
        if (!ctx.channel().isWritable()) {
            deadline.set(limits.answerIdle());
        } else {
            deadline.clear();
            readIfHeld(ctx);
        }
        ctx.fireChannelWritabilityChanged();
    }
}
