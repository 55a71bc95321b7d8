package dev.portcullis.runtime;

import io.netty.channel.ChannelOutboundInvoker;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;

/**
 * Flushes a connection once, at the end of its event loop's turn. What all connections of a loop
 * have to send in one turn goes out together: the other side is woken once and not for each of
 * them, and the kernel's code and ours do not displace each other for every request. On the event
 * loop; one per connection and direction.
 */
public final class LateFlush {
    private static final FastThreadLocal<Turn> TURN =
            new FastThreadLocal<>() {
                @Override
                protected Turn initialValue() {
                    return new Turn();
                }
            };

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
            TURN.get().add(this);
        }
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

        private final List<LateFlush> waiting = new ArrayList<>(WAITING_MAX);
        private boolean scheduled;
        private boolean flushing;

        void add(LateFlush flush) {
            waiting.add(flush);
            if (waiting.size() >= WAITING_MAX && !flushing) {
                flushAll();
            } else if (!scheduled) {
                scheduled = true;
                flush.loop.execute(this);
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
            for (int i = 0; i < waiting.size(); i++) {
                waiting.get(i).now();
            }
            waiting.clear();
            flushing = false;
        }
    }
}
