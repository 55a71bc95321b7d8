package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.metrics.Meters;
import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class MemoryShortTest {
    private final Meters meters = new Meters("test");
    private final Told told = new Told();
    private final EmbeddedChannel channel = new EmbeddedChannel(told, new TailHandler(meters));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        meters.close();
    }

    @Test
    void whoReadsNothingBetweenTwoEvents_isCut() {
        answer(4);
        event();
        assertThat(channel.isActive()).isTrue();
        event();
        assertThat(channel.isActive()).isFalse();
        assertThat(told.gone).isTrue();
        assertThat(meters.scrape()).contains("limit_reached_total{limit=\"memory\"} 1.0");
    }

    @Test
    void whoReads_stays() {
        answer(4);
        event();
        answer(4); // As if something had gone out, and more had come.
        event();
        assertThat(channel.isActive()).isTrue();
        channel.flush();
        event();
        answer(4);
        event();
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void whoHasProvenNothingForTwoSeconds_isToldToGo() {
        channel.freezeTime();
        UnprovenTime.begin(channel, Duration.ofMinutes(1), meters);
        channel.advanceTimeBy(2, TimeUnit.SECONDS);
        event();
        assertThat(told.drained).isFalse();
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        event();
        assertThat(told.drained).isTrue();
    }

    @Test
    void whoHasProvenSomething_stays() {
        channel.freezeTime();
        UnprovenTime.begin(channel, Duration.ofMinutes(1), meters);
        UnprovenTime.proven(channel);
        channel.advanceTimeBy(1, TimeUnit.HOURS);
        event();
        assertThat(told.drained).isFalse();
    }

    /** More than may wait, and not flushed. */
    private void answer(int bytes) {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        channel.write(Unpooled.wrappedBuffer(new byte[bytes]));
        assertThat(channel.isWritable()).isFalse();
    }

    private void event() {
        channel.pipeline().fireUserEventTriggered(MemoryShort.EVENT);
    }

    private static final class Told extends ChannelInboundHandlerAdapter {
        private boolean drained;
        private boolean gone;

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            gone = true;
            ctx.fireChannelInactive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            drained |= event instanceof Drain;
            ctx.fireUserEventTriggered(event);
        }
    }
}
