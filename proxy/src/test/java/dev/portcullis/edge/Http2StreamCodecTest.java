package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.Fields;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.metrics.Meters;
import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stream whose frames wait on their way out: none of them is written. */
@ExtendWith(LeakCheck.class)
class Http2StreamCodecTest {
    private final Meters meters = new Meters("test");
    private final Waiting frames = new Waiting();
    private final EmbeddedChannel channel = new EmbeddedChannel(frames);

    @BeforeEach
    void open() {
        var connection = TestConnections.http2(meters);
        channel.pipeline().addLast(new Http2StreamCodec(LimitsConfig.DEFAULTS, connection));
    }

    @AfterEach
    void close() {
        List.copyOf(frames.promises).forEach(ChannelPromise::trySuccess);
        channel.finishAndReleaseAll();
        meters.close();
    }

    static Stream<List<Object>> answers() {
        var whole = new ResponseHead(200, Fields.of(List.of()), 4);
        var empty = new ResponseHead(204, Fields.of(List.of()), 0);
        return Stream.of(
                List.of(AnswerSignal.CONTINUE),
                List.of(whole, Unpooled.wrappedBuffer(new byte[4]), BodyEnd.END),
                List.of(AnswerSignal.LAST, empty, BodyEnd.END));
    }

    /** RFC 9113 §5.1: an endpoint must not send frames other than PRIORITY behind it. */
    @ParameterizedTest
    @MethodSource("answers")
    void answerThatComesBehindAReset_isNotSent(List<Object> answer) {
        channel.close();
        assertThat(frames.messages).singleElement().isInstanceOf(Http2ResetFrame.class);

        for (var message : answer) {
            assertThat(channel.write(message).isSuccess()).as("nobody waits for it").isTrue();
        }
        channel.flush();
        assertThat(frames.messages).hasSize(1);
    }

    @Test
    void answerOfAnOpenStream_isSent() {
        channel.write(new ResponseHead(204, Fields.of(List.of()), 0));
        channel.write(BodyEnd.END);
        assertThat(frames.messages).hasSize(1);
    }

    /** Whatever its window does meanwhile: a client that ends nothing does not keep its stream. */
    @Test
    void endedTunnel_endsInTime() {
        channel.freezeTime();
        channel.write(new ResponseHead(101, Fields.of(List.of()), 0));
        channel.write(BodyEnd.END);
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        channel.runPendingTasks();
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        channel.runPendingTasks();
        assertThat(frames.messages).hasSize(2);
        channel.advanceTimeBy(4, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(frames.messages.getLast()).isInstanceOf(Http2ResetFrame.class);
    }

    private static final class Waiting extends ChannelOutboundHandlerAdapter {
        private final List<Object> messages = new ArrayList<>();
        private final List<ChannelPromise> promises = new ArrayList<>();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            messages.add(message);
            promises.add(promise);
            ReferenceCountUtil.release(message);
        }
    }
}
