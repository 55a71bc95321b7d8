package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Stream;
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
    private final Http2FrameStream other = new Named(3);

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
    void smallFramesThatLie_keepNoLargeMemory() {
        for (int i = 0; i < 1_000; i++) {
            come(one, 10);
        }
        assertThat(received.refCnt()).isEqualTo(1 + 16);
        Http2DataFrame last = null;
        for (int i = 0; i < 1_000; i++) {
            last = channel.readInbound();
            if (i < 999) {
                last.release();
            }
        }
        assertThat(last.stream()).isEqualTo(one);
        assertThat(last.initialFlowControlledBytes()).isEqualTo(10);
        last.release();
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

    @Test
    void oneTooMany_isToldOfTheStreamThatLetsMostLie() {
        var told = new Told();
        channel.pipeline().addLast(told);
        for (int i = 0; i < 512; i++) {
            come(one, 10);
            come(other, 10);
        }
        assertThat(told.stream).isNull();
        come(other, 10);
        assertThat(told.stream).isEqualTo(other);
        assertThat(told.times).isOne();
        come(one, 10);
        assertThat(told.times).as("room is made").isOne();
    }

    private void come(Http2FrameStream stream, int bytes) {
        var frame = new DefaultHttp2DataFrame(received.retainedSlice(0, bytes)).stream(stream);
        channel.pipeline().context(Http2FrameCodec.class).fireChannelRead(frame);
    }

    private static final class Told extends ChannelInboundHandlerAdapter {
        private Http2FrameStream stream;
        private int times;

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2Unread.TooMany(Http2FrameStream worst)) {
                stream = worst;
                times++;
            }
        }
    }

    private record Named(int id) implements Http2FrameStream {
        @Override
        public Http2Stream.State state() {
            return Http2Stream.State.OPEN;
        }
    }
}
