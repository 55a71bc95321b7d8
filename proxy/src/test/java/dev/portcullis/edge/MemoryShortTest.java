package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.AddressKey;
import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class MemoryShortTest {
    private static final String CUT = "limit_reached_total{limit=\"memory\"} 1.0";

    private static final int MESSAGE = 8 * 1024;

    private final Meters meters = new Meters("test");
    private final Told told = new Told();
    private final SlowChannel channel = new SlowChannel(told, new TailHandler(meters));

    @BeforeEach
    void stopTheClock() {
        channel.freezeTime();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        meters.close();
    }

    @Test
    void whoReadsNothingForFiveSeconds_isCut() {
        answer();
        events(5);
        assertThat(channel.isActive()).isTrue();
        events(1);
        assertThat(channel.isActive()).isFalse();
        assertThat(told.gone).isTrue();
        assertThat(meters.scrape()).contains(CUT);
    }

    /** A piece of a message, or one whole message: as much waits at each event. */
    @ParameterizedTest
    @ValueSource(ints = {1, MESSAGE})
    void whoReadsBetweenEvents_stays(int bytes) {
        answer();
        answer();
        for (int i = 0; i < 20; i++) {
            events(1);
            channel.reads(bytes);
            if (bytes == MESSAGE) {
                answer();
            }
        }
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void whoReadsNothingOfLittle_stays() {
        channel.writeOneOutbound(Unpooled.wrappedBuffer(new byte[1_000]));
        channel.flushOutbound();
        events(20);
        assertThat(channel.isActive()).isTrue();
    }

    /** As after a pause of this process: there was no time to read. */
    @Test
    void eventsThatComeAtOnce_areOne() {
        answer();
        events(5);
        for (int i = 0; i < 20; i++) {
            channel.pipeline().fireUserEventTriggered(MemoryShort.EVENT);
        }
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void whoHasProvenNothingForTwoSeconds_isCut() {
        new Unproven(() -> Duration.ofMinutes(1), meters)
                .begin(channel, AddressKey.of(new byte[4]));
        events(2);
        assertThat(channel.isActive()).isTrue();
        events(1);
        assertThat(channel.isActive()).isFalse();
        assertThat(meters.scrape()).contains(CUT);
    }

    @Test
    void whoHasProvenSomething_stays() {
        new Unproven(() -> Duration.ofMinutes(1), meters)
                .begin(channel, AddressKey.of(new byte[4]));
        Unproven.proven(channel);
        channel.advanceTimeBy(1, TimeUnit.HOURS);
        events(1);
        assertThat(channel.isActive()).isTrue();
    }

    private void answer() {
        channel.writeOneOutbound(Unpooled.wrappedBuffer(new byte[MESSAGE]));
        channel.flushOutbound();
    }

    /** A second apart. */
    private void events(int count) {
        for (int i = 0; i < count; i++) {
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.pipeline().fireUserEventTriggered(MemoryShort.EVENT);
        }
    }

    private static final class Told extends ChannelInboundHandlerAdapter {
        private boolean gone;

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            gone = true;
            ctx.fireChannelInactive();
        }
    }

    /** What is written waits until it is read. */
    private static final class SlowChannel extends EmbeddedChannel {
        private int room;

        SlowChannel(ChannelHandler... handlers) {
            super(handlers);
        }

        void reads(int bytes) {
            room = bytes;
            flushOutbound();
        }

        @Override
        protected void doWrite(ChannelOutboundBuffer waiting) {
            waiting.removeBytes(room);
            room = 0;
        }
    }
}
