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
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2ResetFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class MemoryShortTest {
    private static final String CUT = "limit_reached_total{limit=\"memory\"} 1.0";

    private final Meters meters = new Meters("test");
    private final Told told = new Told();
    private final EmbeddedChannel channel = new EmbeddedChannel(told, new TailHandler(meters));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        meters.close();
    }

    @Test
    void whoDoesNotReadForFiveEvents_isCut() {
        answer();
        events(4);
        assertThat(channel.isActive()).isTrue();
        events(1);
        assertThat(channel.isActive()).isFalse();
        assertThat(told.gone).isTrue();
        assertThat(meters.scrape()).contains(CUT);
    }

    /** As much waits at each event, and it is something else each time. */
    @Test
    void whoReadsBetweenEvents_stays() {
        for (int i = 0; i < 20; i++) {
            answer();
            events(1);
            channel.flush();
        }
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void whoHasProvenNothingForTwoSeconds_isToldToGoOnce() {
        channel.freezeTime();
        UnprovenTime.begin(channel, Duration.ofMinutes(1), meters);
        channel.advanceTimeBy(2, TimeUnit.SECONDS);
        events(1);
        assertThat(told.drains).isZero();
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        events(3);
        assertThat(told.drains).isOne();
        assertThat(meters.scrape()).contains(CUT);
    }

    @Test
    void whoHasProvenNothingAndDoesNotRead_isCutAllTheSame() {
        channel.freezeTime();
        UnprovenTime.begin(channel, Duration.ofMinutes(1), meters);
        channel.advanceTimeBy(3, TimeUnit.SECONDS);
        answer();
        events(5);
        assertThat(told.gone).isTrue();
    }

    @Test
    void whoHasProvenSomething_stays() {
        channel.freezeTime();
        UnprovenTime.begin(channel, Duration.ofMinutes(1), meters);
        UnprovenTime.proven(channel);
        channel.advanceTimeBy(1, TimeUnit.HOURS);
        events(1);
        assertThat(told.drains).isZero();
    }

    /** It is less than may wait of one stream, and a client may have a hundred of them. */
    @Test
    void streamWhoseAnswerIsNotReadForFiveEvents_isReset() {
        var connection = TestConnections.http2(meters);
        channel.pipeline().addFirst(new Http2StreamCodec(LimitsConfig.DEFAULTS, connection));
        channel.write(new ResponseHead(200, Fields.of(List.of()), 4));
        channel.write(Unpooled.wrappedBuffer(new byte[4]));
        channel.write(BodyEnd.END);
        events(4);
        assertThat(channel.isActive()).isTrue();
        events(1);
        assertThat(channel.isActive()).isFalse();
        assertThat(channel.outboundMessages()).last().isInstanceOf(Http2ResetFrame.class);
        assertThat(meters.scrape()).contains(CUT);
    }

    /** More than may wait, and not flushed. */
    private void answer() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        channel.write(Unpooled.wrappedBuffer(new byte[4]));
        assertThat(channel.isWritable()).isFalse();
    }

    private void events(int count) {
        for (int i = 0; i < count; i++) {
            channel.pipeline().fireUserEventTriggered(MemoryShort.EVENT);
        }
    }

    private static final class Told extends ChannelInboundHandlerAdapter {
        private int drains;
        private boolean gone;

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            gone = true;
            ctx.fireChannelInactive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            drains += event instanceof Drain ? 1 : 0;
            ctx.fireUserEventTriggered(event);
        }
    }
}
