package dev.portcullis.runtime;

import io.netty.channel.ChannelOutboundInvoker;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Flushes a connection once, at the end of its event loop's turn. What all connections of a loop
 * have to send in one turn goes out together: the other side is woken once and not for each of
 * them, and the kernel's code and ours do not displace each other for every request. On the event
 * loop; one per connection and direction.
 */
public final class LateFlush {
    private static final FastThreadLocal<@Nullable Turn> TURN = new FastThreadLocal<>();

    private final EventExecutor loop;
    private final ChannelOutboundInvoker connection;
    private boolean due;

    /**
     * @param loop the one of the connection
     * @param connection gets the flush, from there on towards the socket
     */
    public LateFlush(EventExecutor loop, ChannelOutboundInvoker connection) {
        this.loop = loop;
        this.connection = connection;
    }

    /** Flushes before this turn of the loop ends. */
    public void request() {
        if (!due) {
            due = true;
            turn().add(this);
        }
    }

    private Turn turn() {
        var turn = TURN.get();
        if (turn == null || !turn.loop.equals(loop)) { // A thread runs one loop, but for tests.
            turn = new Turn(loop);
            TURN.set(turn);
        }
        return turn;
    }

    /** Flushes at once if that is due: before a close, which would lose what is not out. */
    public void now() {
        if (due) {
            due = false;
            connection.flush();
        }
    }

    /** What is due on one loop. */
    private static final class Turn implements Runnable {
        /** So many wait for one another at most: a turn can be thousands of events long. */
        private static final int WAITING_MAX = 32;

        private final EventExecutor loop;
        private final List<LateFlush> waiting = new ArrayList<>(WAITING_MAX);
        private boolean scheduled;
        private boolean flushing;

        Turn(EventExecutor loop) {
            this.loop = loop;
        }

        void add(LateFlush flush) {
            waiting.add(flush);
            if (waiting.size() >= WAITING_MAX && !flushing) {
                flushAll();
            } else if (!scheduled) {
                loop.execute(this);
                scheduled = true;
            }
        }

        @Override
        public void run() {
            scheduled = false;
            flushAll();
        }

        /** A flush can make room, and who waited for room adds to the list while it is walked. */
        private void flushAll() {
            flushing = true;
            try {
                for (int i = 0; i < waiting.size(); i++) {
                    waiting.get(i).now();
                }
            } finally {
                waiting.clear();
                flushing = false;
            }
        }
    }
}
