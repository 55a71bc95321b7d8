package dev.portcullis.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
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

    /** Room that a flush makes is filled at once, and what fills it is flushed in the same turn. */
    @Test
    void request_ofManyFromInsideTheirFlush_isServedInOrderAndNotInsideIt() {
        var others = new ArrayDeque<LateFlush>();
        for (int i = 0; i < 32; i++) {
            others.add(connection(loop, 100 + i));
        }
        for (int i = 0; i < 32; i++) {
            fillingRoom(i, others).request();
        }
        var all = IntStream.concat(IntStream.range(0, 32), IntStream.range(100, 132));
        assertThat(flushed).containsExactlyElementsOf(all.boxed().toList());
    }

    /** One that asks for another's flush before its own is over. */
    private LateFlush fillingRoom(int name, Queue<LateFlush> others) {
        var channel =
                new EmbeddedChannel(
                        new ChannelOutboundHandlerAdapter() {
                            @Override
                            public void flush(ChannelHandlerContext ctx) {
                                others.remove().request();
                                flushed.add(name);
                            }
                        });
        return new LateFlush(loop.eventLoop(), channel);
    }

    @Test
    void request_ofItsOwnFromInsideItsFlush_isServedAgain() {
        var own = new AtomicReference<LateFlush>();
        var channel =
                new EmbeddedChannel(
                        new ChannelOutboundHandlerAdapter() {
                            @Override
                            public void flush(ChannelHandlerContext ctx) {
                                flushed.add(1);
                                if (flushed.size() == 1) {
                                    own.get().request();
                                }
                            }
                        });
        own.set(new LateFlush(loop.eventLoop(), channel));
        own.get().request();
        loop.runPendingTasks();
        assertThat(flushed).containsExactly(1, 1);
    }
}
