package dev.portcullis.upstream;

import dev.portcullis.http.ControlFrames;
import dev.portcullis.http.FrameScanner;
import dev.portcullis.http.Masking;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Our own ping to one side of a WebSocket that has been silent for long, and its pong (RFC 6455
 * §5.5.2), which is for nobody else and is taken out of what that side sends. Pongs to pings of the
 * other side pass. One for each side, on the event loop.
 */
final class OwnPing {
    private static final int PONG = 0xA;
    private static final int OPCODE = 0x0F;

    private final FrameScanner from;
    private final boolean masked;
    private long heardNanos = System.nanoTime();
    private long askedNanos;
    private boolean asked;
    private boolean pongDue;
    private long payload;
    private @Nullable ByteBuf held;
    private boolean over;

    /**
     * @param from follows what the side sends
     * @param sends whether it masks
     */
    OwnPing(FrameScanner from, Masking sends) {
        this.from = from;
        this.masked = sends == Masking.MASKED;
    }

    /** Something came from the side, or it is not being read and cannot be blamed. */
    void heard() {
        heardNanos = System.nanoTime();
        asked = false;
    }

    /** How long until the side is due: for a ping, or for dead. Zero or less is now. */
    long nanosLeft(Duration idle, Duration answer) {
        long now = System.nanoTime();
        return asked ? askedNanos + answer.toNanos() - now : heardNanos + idle.toNanos() - now;
    }

    /** Whether a ping went out, and nothing has come since. */
    boolean isAsked() {
        return asked;
    }

    /** The ping; to be put between two frames of what goes to the side. */
    ByteBuf frame(ByteBufAllocator allocator) {
        asked = true;
        pongDue = true;
        askedNanos = System.nanoTime();
        payload = ThreadLocalRandom.current().nextLong(); // Like no ping of the other side.
        var out = allocator.buffer(ControlFrames.BYTES_MAX);
        ControlFrames.ping(out, masked ? Masking.UNMASKED : Masking.MASKED, payload);
        return out;
    }

    /** The wait for the pong is over: one that still comes is the other side's to ignore. */
    void forgetAfter(Duration answer) {
        if (pongDue
                && held == null
                && !asked
                && System.nanoTime() - askedNanos > answer.toNanos()) {
            pongDue = false;
        }
    }

    /** Whether the side has begun a frame and not ended it. */
    boolean isMidFrame() {
        return held != null || !from.atBoundary();
    }

    /** The socket is over: lets go of half a pong, and keeps none any more. */
    void release() {
        over = true;
        var half = held;
        held = null;
        if (half != null) {
            half.release();
        }
    }

    /**
     * Hands on what came, without our pong. Costs nothing but while one is due.
     *
     * @param bytes ours to release
     * @param relay takes each piece, and owns it
     * @return whether the last piece may have been kept back, so that nobody asked for more
     */
    boolean filter(ByteBuf bytes, Consumer<ByteBuf> relay) {
        if (!pongDue) {
            relay.accept(bytes);
            return false;
        }
        var rest = withHeld(bytes);
        while (pongDue && !over && rest.isReadable() && held == null) {
            if (!from.atBoundary()) {
                long more = Math.clamp(from.payloadLeft(), 1, rest.readableBytes());
                relay.accept(rest.readRetainedSlice((int) more)); // A head goes octet by octet.
            } else if ((rest.getByte(rest.readerIndex()) & OPCODE) != PONG) {
                relay.accept(rest.readRetainedSlice(1));
            } else {
                pong(rest, relay);
            }
        }
        if (held == null && rest.isReadable()) {
            relay.accept(rest);
        } else if (held == null) {
            rest.release();
        }
        return true;
    }

    private ByteBuf withHeld(ByteBuf bytes) {
        var half = held;
        held = null;
        return half == null
                ? bytes
                : half.alloc().compositeBuffer(2).addComponents(true, half, bytes);
    }

    private void pong(ByteBuf rest, Consumer<ByteBuf> relay) {
        int there = rest.readableBytes();
        int head = masked ? 6 : 2;
        int length = there < 2 ? 0 : rest.getByte(rest.readerIndex() + 1) & 0x7F;
        if (there < 2 || (length < 126 && there < head + length)) {
            held = rest; // Until it is whole: at most 131 bytes.
        } else if (length == Long.BYTES && isOurs(rest, head)) {
            rest.skipBytes(head + length);
            pongDue = false;
        } else {
            relay.accept(rest.readRetainedSlice(length < 126 ? head + length : 2));
        }
    }

    private boolean isOurs(ByteBuf rest, int head) {
        int at = rest.readerIndex();
        if ((rest.getByte(at) & 0xFF) != 0x8A || (rest.getByte(at + 1) < 0) != masked) {
            return false;
        }
        long mask = masked ? rest.getUnsignedInt(at + 2) : 0;
        return (rest.getLong(at + head) ^ (mask << Integer.SIZE | mask)) == payload;
    }
}
