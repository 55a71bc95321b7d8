package dev.portcullis.edge;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The TLS handshakes that are not done, oldest first. One too many ends the oldest and not the
 * newest: an honest client is done in milliseconds, so the oldest is the one that stalls. Each
 * event loop keeps its share.
 */
final class HandshakesUnderWay {
    private final int perLoopMax;
    private final Meters meters;
    private final Map<EventLoop, SequencedSet<Channel>> byLoop = new ConcurrentHashMap<>();

    /**
     * @param max in all
     * @param loops over which connections are spread
     */
    HandshakesUnderWay(int max, int loops, Meters meters) {
        this.perLoopMax = Math.max(1, max / loops);
        this.meters = meters;
    }

    /** On the channel's loop. */
    void begun(Channel channel) {
        var channels = of(channel);
        channels.add(channel);
        if (channels.size() > perLoopMax) {
            var oldest = channels.removeFirst();
            meters.limitReached(Limit.HANDSHAKES);
            oldest.close();
        }
    }

    /** On the channel's loop. */
    void over(Channel channel) {
        of(channel).remove(channel);
    }

    private SequencedSet<Channel> of(Channel channel) {
        return byLoop.computeIfAbsent(channel.eventLoop(), _ -> new LinkedHashSet<>());
    }
}
