package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.LeakCheck;
import dev.portcullis.testing.RefusingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How frames go by, and how long the parts of a head may take; floods are tested at the door. */
@ExtendWith(LeakCheck.class)
class Http2FrameGuardTest {
    private static final LimitsConfig LIMITS = LimitsConfig.DEFAULTS;
    private static final int END_HEADERS = 4;
    private static final byte[] BLOCK = new byte[40];

    private final Pieces pieces = new Pieces();
    private final Http2Resets resets = new Http2Resets(LIMITS.http2Resets());
    private final EmbeddedChannel channel = new EmbeddedChannel(guard(), pieces);

    @BeforeEach
    void open() {
        channel.freezeTime();
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[24])); // The preface.
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void headThatDoesNotEnd_endsTheConnection() {
        channel.writeInbound(Unpooled.wrappedBuffer(head(1), 0, 30));
        pass(LIMITS.headTime().toSeconds() - 1);
        assertThat(channel.isOpen()).isTrue();
        pass(2);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void headThatEnds_endsNothing() {
        channel.writeInbound(Unpooled.wrappedBuffer(head(1), 0, 30));
        channel.writeInbound(Unpooled.wrappedBuffer(head(1), 30, head(1).length - 30));
        pass(2 * LIMITS.headTime().toSeconds());
        assertThat(channel.isOpen()).isTrue();
    }

    /** A client that reads nothing for a while is not read, and cannot end what it has begun. */
    @Test
    void headThatWeDoNotRead_isNotLate() {
        channel.writeInbound(Unpooled.wrappedBuffer(head(1), 0, 30));
        writable(false);
        channel.read();
        pass(2 * LIMITS.headTime().toSeconds());
        assertThat(channel.isOpen()).isTrue();
        writable(true);
        pass(LIMITS.headTime().toSeconds() + 1);
        assertThat(channel.isOpen()).as("read, and not ended").isFalse();
    }

    @Test
    void manyHeadsOfOneRead_goOnInTurns() {
        var heads = new ByteArrayOutputStream();
        for (int i = 0; i < 40; i++) {
            heads.writeBytes(head(1 + 2 * i));
        }
        // Not writeInbound, which runs what waits for another turn.
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(heads.toByteArray()));
        int each = head(1).length;
        assertThat(pieces.sizes).containsExactly(24, 16 * each);
        channel.runPendingTasks();
        assertThat(pieces.sizes).containsExactly(24, 16 * each, 16 * each, 8 * each);
    }

    @Test
    void manyMessagesOfOneRead_goOnInTurns() {
        int each = head(1).length;
        for (int i = 0; i < 20; i++) {
            channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(head(1 + 2 * i)));
        }
        assertThat(pieces.sizes).hasSize(1 + 16);
        channel.pipeline().fireChannelReadComplete();
        channel.runPendingTasks();
        assertThat(pieces.sizes).hasSize(1 + 16 + 1).endsWith(4 * each); // In one piece.
    }

    /** What waits for its rest keeps no memory but its own. */
    @Test
    void beginningOfAFrame_isTakenOutOfWhatItCameWith() {
        var heads = new ByteArrayOutputStream();
        heads.writeBytes(head(1));
        heads.writeBytes(head(3));
        int each = head(1).length;
        for (int begun : new int[] {1, 8, 9, 10, each - 1}) {
            pieces.sizes.clear();
            int length = each + begun;
            var read = channel.alloc().buffer(16 * 1024).writeBytes(heads.toByteArray(), 0, length);
            read.retain();
            channel.writeInbound(read);
            assertThat(read.refCnt()).as("%s bytes begun", begun).isOne();
            read.release();
            channel.writeInbound(Unpooled.wrappedBuffer(head(3), begun, each - begun));
            assertThat(pieces.sizes).containsExactly(each, begun, each - begun);
        }
    }

    @Test
    void beginningOfThePreface_isTakenOutToo() {
        var fresh = new EmbeddedChannel(guard(), new Pieces());
        var read = fresh.alloc().buffer(16 * 1024).writeZero(1).retain();
        fresh.writeInbound(read);
        assertThat(read.refCnt()).isOne();
        read.release();
        fresh.finishAndReleaseAll();
    }

    @Test
    void whereMemoryIsRefused_nothingOfTheConnectionGoesOn() {
        var allocator = channel.config().getAllocator();
        channel.config().setAllocator(new RefusingAllocator());
        pieces.sizes.clear();
        assertThatThrownBy(() -> channel.writeInbound(Unpooled.wrappedBuffer(head(1), 0, 30)))
                .isInstanceOf(RefusingAllocator.Refused.class);
        channel.config().setAllocator(allocator);
        channel.writeInbound(Unpooled.wrappedBuffer(head(3)));
        assertThat(pieces.sizes).isEmpty();
    }

    @Test
    void whereMemoryIsRefusedToWhatWaitsForItsTurn_nothingGoesOn() {
        beginTurn(17);
        channel.config().setAllocator(new RefusingAllocator());
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(head(99)));
        assertThatThrownBy(channel::checkException).isInstanceOf(RefusingAllocator.Refused.class);
        channel.runPendingTasks();
        assertThat(pieces.sizes).hasSize(1);
    }

    @Test
    void whereMemoryIsRefusedInALaterTurn_nothingGoesOn() {
        beginTurn(16);
        var allocator = channel.config().getAllocator();
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(head(99), 0, 30));
        channel.config().setAllocator(new RefusingAllocator());
        channel.runPendingTasks();
        assertThatThrownBy(channel::checkException).isInstanceOf(RefusingAllocator.Refused.class);
        channel.config().setAllocator(allocator);
        channel.writeInbound(Unpooled.wrappedBuffer(head(101)));
        assertThat(pieces.sizes).hasSize(1);
    }

    /** What is behind reads no more: nothing waits for it. */
    @Test
    void onceStopped_nothingGoesOn() {
        beginTurn(40);
        resets.stop();
        channel.runPendingTasks();
        channel.writeInbound(Unpooled.wrappedBuffer(head(99)));
        assertThat(pieces.sizes).hasSize(1);
    }

    /** So many heads in one message, of which sixteen are a turn. */
    private void beginTurn(int heads) {
        pieces.sizes.clear();
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < heads; i++) {
            all.writeBytes(head(1 + 2 * i));
        }
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(all.toByteArray()));
        assertThat(pieces.sizes).containsExactly(16 * head(1).length);
    }

    private Http2FrameGuard guard() {
        return new Http2FrameGuard(
                LIMITS,
                new Http2ControlFrames(LIMITS),
                resets,
                new StreamHistory(LIMITS.http2Resets()));
    }

    private void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    private void writable(boolean is) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, is);
        channel.runPendingTasks();
    }

    private static byte[] head(int stream) {
        return Http2Client.bytes(Http2Client.HEADERS, END_HEADERS, stream, BLOCK);
    }

    private static final class Pieces extends ChannelInboundHandlerAdapter {
        private final List<Integer> sizes = new ArrayList<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var bytes = (ByteBuf) message;
            sizes.add(bytes.readableBytes());
            bytes.release();
        }
    }
}
