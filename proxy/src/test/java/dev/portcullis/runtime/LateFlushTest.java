package dev.portcullis.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LateFlushTest {
    private final List<Integer> flushed = new ArrayList<>();
    private final EmbeddedChannel loop = new EmbeddedChannel();

    private LateFlush connection(EmbeddedChannel ofLoop, int name) {
        var channel =
                new EmbeddedChannel(
                        new ChannelOutboundHandlerAdapter() {
                            @Override
                            public void flush(ChannelHandlerContext ctx) {
                                flushed.add(name);
                            }
                        });
        return new LateFlush(ofLoop.eventLoop(), channel);
    }

    @Test
    void request_flushesOnceAndOnlyAtTheEndOfTheTurn() {
        var one = connection(loop, 1);
        var two = connection(loop, 2);
        one.request();
        two.request();
        one.request();
        assertThat(flushed).isEmpty();
        loop.runPendingTasks();
        assertThat(flushed).containsExactly(1, 2);
        loop.runPendingTasks();
        assertThat(flushed).containsExactly(1, 2);
    }

    @Test
    void request_isServedAgainInTheNextTurn() {
        var one = connection(loop, 1);
        one.request();
        loop.runPendingTasks();
        one.request();
        loop.runPendingTasks();
        assertThat(flushed).containsExactly(1, 1);
    }

    @Test
    void now_flushesWhatIsDueAndNothingElse() {
        var one = connection(loop, 1);
        one.now();
        assertThat(flushed).isEmpty();
        one.request();
        one.now();
        assertThat(flushed).containsExactly(1);
        loop.runPendingTasks();
        assertThat(flushed).containsExactly(1);
    }

    @Test
    void request_ofMany_doesNotWaitForALongTurn() {
        for (int i = 0; i < 32; i++) {
            connection(loop, i).request();
        }
        assertThat(flushed).hasSize(32);
    }

    @Test
    void request_onAnotherLoopOfTheSameThread_isNotLost() {
        connection(loop, 1).request(); // Its loop never runs.
        var other = new EmbeddedChannel();
        connection(other, 2).request();
        other.runPendingTasks();
        assertThat(flushed).containsExactly(2);
    }
}
