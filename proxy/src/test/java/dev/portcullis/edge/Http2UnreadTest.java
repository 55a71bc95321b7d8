package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.metrics.Meters;
import dev.portcullis.testing.LeakCheck;
import dev.portcullis.testing.RefusingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class Http2UnreadTest {
    private final Http2Unread unread = new Http2Unread();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(Http2FrameCodecBuilder.forServer().build(), unread);
    private final ByteBuf received = channel.alloc().buffer(16 * 1024).writeZero(16 * 1024);
    private final Http2FrameStream one = new Named(1);

    @BeforeEach
    void forgetSettings() {
        channel.releaseOutbound();
    }

    @AfterEach
    void release() {
        channel.releaseInbound();
        assertThat(received.refCnt()).as("all are read").isOne();
        received.release();
        channel.finishAndReleaseAll();
    }

    @Test
    void shortFramesThatLie_areOneAndKeepNoMoreThanTheFirst() {
        for (int i = 0; i < 1_000; i++) {
            come(one, 10);
        }
        assertThat(received.refCnt()).isEqualTo(1 + 1);
        assertThat(channel.inboundMessages()).hasSize(2);
        assertNext(one, 10, 10);
        assertNext(one, 9_990, 9_990);
    }

    /** As long as they come and are not read, and no longer than a piece of a body may be. */
    @Test
    void joinedFrames_haveABound() {
        for (int i = 0; i < 21; i++) {
            come(one, 4_000);
        }
        assertNext(one, 4_000, 4_000);
        for (int i = 0; i < 5; i++) {
            assertNext(one, 16_000, 16_000);
        }
        assertThat(channel.<Http2DataFrame>readInbound()).isNull();
    }

    @Test
    void bytesKeepTheirOrder_andWindowsCountPadding() {
        comes("a", 7, false);
        comes("b", 7, false);
        comes("", 0, false);
        come(one, 5_000); // Too long to be joined.
        comes("c", 0, false);
        comes("d", 256, true);
        assertNext(one, 1, 8);
        assertNext(one, 1, 8);
        assertNext(one, 5_000, 5_000);
        Http2DataFrame last = channel.readInbound();
        assertThat(last.content().toString(StandardCharsets.US_ASCII)).isEqualTo("cd");
        assertThat(last.initialFlowControlledBytes()).isEqualTo(2 + 256);
        assertThat(last.isEndStream()).isTrue();
        last.release();
    }

    @Test
    void whatIsRead_isNotAddedTo() {
        come(one, 10);
        come(one, 10);
        unread.read(channel.<Http2DataFrame>readInbound());
        Http2DataFrame joined = channel.readInbound();
        unread.read(joined);
        come(one, 10);
        assertThat(joined.content().readableBytes()).isEqualTo(10);
        joined.release();
        received.release(1);
        assertNext(one, 10, 10);
    }

    @Test
    void streamThatIsOver_isForgotten() {
        come(one, 10);
        come(one, 10);
        unread.leave(one);
        channel.releaseInbound();
        come(one, 10);
        assertNext(one, 10, 10);
    }

    @Test
    void manyStreams_keepNoLargeMemory() {
        for (int id = 1; id < 200; id += 2) {
            come(new Named(id), 10);
        }
        assertThat(received.refCnt()).isEqualTo(1 + 16);
    }

    @Test
    void memoryThatIsRefused_keepsNothingOfWhatCame() {
        come(one, 10);
        channel.config().setAllocator(new RefusingAllocator());
        come(one, 10);
        assertThatThrownBy(channel::checkException).isInstanceOf(RefusingAllocator.Refused.class);
        assertThat(received.refCnt()).as("the first alone").isEqualTo(1 + 1);
    }

    private void assertNext(Http2FrameStream stream, int bytes, int ofTheWindow) {
        Http2DataFrame next = channel.readInbound();
        assertThat(next.stream()).isEqualTo(stream);
        assertThat(next.content().readableBytes()).isEqualTo(bytes);
        assertThat(next.initialFlowControlledBytes()).isEqualTo(ofTheWindow);
        next.release();
    }

    @Test
    void framesThatAreRead_areNotCopied() {
        for (int i = 0; i < 1_000; i++) {
            come(one, 10);
            unread.read(channel.<Http2DataFrame>readInbound());
        }
        assertThat(received.refCnt()).isEqualTo(1 + 1_000);
        received.release(1_000);
    }

    /** Nobody reads them: neither the relay, nor the client its answer. */
    @Test
    void whatWaitsBehindWholeAnswers_counts() {
        var connection = new EmbeddedChannel();
        var meters = new Meters("test");
        new HalfReceived(40_000, 1, meters).begin(connection);
        var counted = new Http2Unread();
        connection.pipeline().addLast(counted);
        Http2FrameStream two = new Named(3);
        connection.writeInbound(data(one, 16_000), data(one, 16_000), data(two, 8_000));
        counted.answered(one);
        counted.answered(one);
        counted.answered(two);
        counted.leave(two);
        connection.writeInbound(data(two, 16_000)); // Another one, and not answered.
        var first = data(one, 4_500);
        connection.writeInbound(first, data(one, 2_000), data(one, 500));
        counted.read(first);
        connection.writeInbound(data(one, 5_500));
        assertThat(connection.isOpen()).isTrue();
        connection.writeInbound(data(one, 1));
        assertThat(connection.isOpen()).isFalse();
        connection.finishAndReleaseAll();
        meters.close();
    }

    private Http2DataFrame data(Http2FrameStream stream, int bytes) {
        return new DefaultHttp2DataFrame(received.retainedSlice(0, bytes)).stream(stream);
    }

    private void come(Http2FrameStream stream, int bytes) {
        channel.pipeline().context(Http2FrameCodec.class).fireChannelRead(data(stream, bytes));
    }

    private void comes(String bytes, int padding, boolean end) {
        var content = channel.alloc().buffer();
        content.writeCharSequence(bytes, StandardCharsets.US_ASCII);
        var frame = new DefaultHttp2DataFrame(content, end, padding).stream(one);
        channel.pipeline().context(Http2FrameCodec.class).fireChannelRead(frame);
    }

    private record Named(int id) implements Http2FrameStream {
        @Override
        public Http2Stream.State state() {
            return Http2Stream.State.OPEN;
        }
    }
}
