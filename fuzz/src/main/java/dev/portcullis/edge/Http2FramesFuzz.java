package dev.portcullis.edge;

import dev.portcullis.fuzz.Faults;
import dev.portcullis.fuzz.Finding;
import dev.portcullis.fuzz.Pieces;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A whole HTTP/2 connection behind TLS, through the product's own pipeline and gate, a stand-in for
 * the relay alone: nothing reaches it that the gate did not let pass, no exception escapes, no
 * buffer stays, streams keep to their limit, what goes out is frames, and a client that falls
 * silent is gone within the hour. Whole or in pieces the same requests go on, if it ends for the
 * same reason.
 *
 * <p>The first byte of an input says how the others are meant: 0 frames as they stand, behind a
 * right preface; 1 frames without their heads, which are made right: type, flags, stream and length
 * are a byte each; 2 everything as it stands.
 */
public final class Http2FramesFuzz {
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                    .getBytes(StandardCharsets.US_ASCII);

    /** Netty's streams ask whether a listener accepted their connection. */
    private static final Channel LISTENER = new LocalServerChannel();

    private static final int KINDS = 3;
    private static final int FRAME_TYPES = 12;
    private static final int MINUTES_MAX = 60;

    /** What a connection may hold at most while no answer waits, beyond what it was sent. */
    private static final int HELD_BYTES_MAX = 256 * 1024;

    private final Pieces pieces = new Pieces();
    private final GateAtWork gate = new GateAtWork();
    private final List<StandInRelay> relays = new ArrayList<>();
    private final Http2Output output = new Http2Output();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(LISTENER, DefaultChannelId.newInstance(), true, false);

    private Http2FramesFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var bytes = connection(input);
        try (var faults = Faults.watch()) {
            var whole = new Http2FramesFuzz();
            var atOnce = whole.read(whole.pieces.whole(bytes), faults);
            var cut = new Http2FramesFuzz();
            var inPieces = cut.read(cut.pieces.cut(bytes), faults);
            if (whole.endedLike(cut)) {
                Finding.unlessEqual(atOnce, inPieces, "whole and in pieces differ");
            }
        }
    }

    /** A frame that its stream should not get: the sooner it has ended, the worse it is (§5.1). */
    private boolean endedLike(Http2FramesFuzz other) {
        return !output.isLimited()
                && !other.output.isLimited()
                && output.goodbye().equals(other.output.goodbye());
    }

    private static byte[] connection(byte[] input) {
        var bytes = new ByteArrayOutputStream();
        int kind = Math.floorMod(input[0], KINDS);
        if (kind != 2) {
            bytes.writeBytes(PREFACE);
        }
        if (kind != 1) {
            bytes.write(input, 1, input.length - 1);
            return bytes.toByteArray();
        }
        var in = ByteBuffer.wrap(input, 1, input.length - 1);
        while (in.remaining() >= 4) {
            int type = Math.floorMod(in.get(), FRAME_TYPES);
            int flags = in.get();
            int stream = in.get() & 0xFF;
            var payload = new byte[Math.min(in.get() & 0xFF, in.remaining())];
            in.get(payload);
            bytes.writeBytes(new byte[] {0, 0, (byte) payload.length, (byte) type, (byte) flags});
            bytes.writeBytes(new byte[] {0, 0, 0, (byte) stream});
            bytes.writeBytes(payload);
        }
        return bytes.toByteArray();
    }

    /** What went on, stream by stream. */
    private List<String> read(List<ByteBuf> frames, Faults faults) {
        begin();
        int sent = 0;
        for (var piece : frames) {
            sent += piece.readableBytes();
            if (!channel.isOpen()) {
                piece.release();
                continue;
            }
            channel.writeInbound(piece);
            channel.runPendingTasks();
            check(sent);
        }
        relays.forEach(StandInRelay::endTunnel);
        awaitTheEnd();
        channel.finishAndReleaseAll();
        channel.runPendingTasks();
        gate.checkAllowed(relays.stream().mapToInt(StandInRelay::admitted).sum());
        faults.check();
        pieces.close();
        return relays.stream().map(StandInRelay::seen).filter(seen -> !seen.isEmpty()).toList();
    }

    private void begin() {
        channel.freezeTime();
        channel.config().setAllocator(pieces.allocator()).setAutoRead(false);
        var meters = GateAtWork.meters();
        channel.pipeline().addLast(new Wire(output)).addLast("tail", new TailHandler(meters));
        pipeline().http2(channel.pipeline());
    }

    private EdgePipeline pipeline() {
        var meters = GateAtWork.meters();
        return new EdgePipeline(
                GateAtWork.reception(),
                gate::serving,
                meters,
                this::relay,
                new HandshakesUnderWay(1, 1, meters),
                new HalfReceived(Long.MAX_VALUE, 1, meters),
                new DefaultChannelGroup(GlobalEventExecutor.INSTANCE),
                () -> false);
    }

    private StandInRelay relay() {
        var relay = new StandInRelay(pieces);
        relays.add(relay);
        return relay;
    }

    private void check(int sent) {
        channel.checkException();
        var codec = channel.pipeline().get(Http2FrameCodec.class);
        if (codec != null) {
            int streams = codec.connection().remote().numActiveStreams();
            int most = gate.serving().limits().http2Streams();
            Finding.unless(streams <= most, "too many streams: " + streams);
        }
        long held = pieces.held();
        Finding.unless(held <= HELD_BYTES_MAX + sent, "bytes held: " + held);
    }

    private void awaitTheEnd() {
        for (int minute = 0; channel.isActive() && minute < MINUTES_MAX; minute++) {
            channel.advanceTimeBy(1, TimeUnit.MINUTES);
            channel.runPendingTasks();
        }
        channel.checkException();
        Finding.unless(!channel.isActive(), "still open after an hour");
    }
}
