package dev.portcullis.upstream;

import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How fast a client may send inside one WebSocket, in messages and in bytes. Whoever is faster is
 * read later: the network makes it wait, and nothing is lost. Whoever has as many messages to send
 * as it may, for half a minute without a pause, is not waiting but flooding. On the event loop;
 * lives and dies with its socket, so there is nothing to forget.
 */
final class SocketPace {
    /** How long a client may be held back for its messages without one moment of calm. */
    private static final long FLOOD_NANOS = Duration.ofSeconds(30).toNanos();

    /** Longest pause at once, so that control frames of a slowed client still get through. */
    private static final long PAUSE_NANOS_MAX = Duration.ofSeconds(5).toNanos();

    private final Meters meters;
    private final TimeMeter time;
    private final SocketRates rates;
    private @Nullable Bucket messages;
    private @Nullable Bucket bytes;
    private boolean slow;
    private boolean tooManyMessages;
    private long tooManySinceNanos;

    /**
     * @param time nanoseconds that only go forward
     */
    SocketPace(SocketRates rates, Meters meters, TimeMeter time) {
        this.meters = meters;
        this.time = time;
        this.rates = rates;
    }

    /**
     * Counts what came.
     *
     * @param messageCount whole messages and control frames
     * @param byteCount all bytes
     * @return nanoseconds until more may be read; 0 for at once
     */
    long came(long messageCount, long byteCount) {
        long forMessages =
                messageCount == 0 ? 0 : messages().consumeIgnoringRateLimits(messageCount);
        long forBytes = byteCount == 0 ? 0 : bytes().consumeIgnoringRateLimits(byteCount);
        noteMessages(forMessages > 0);
        long pause = Math.min(Math.max(forMessages, forBytes), PAUSE_NANOS_MAX);
        if (pause > 0 && !slow) {
            meters.limitReached(forMessages > 0 ? Limit.RATE_MESSAGES : Limit.RATE_BYTES);
        }
        slow = pause > 0;
        return pause;
    }

    private Bucket messages() {
        if (messages == null) {
            messages = SocketRates.bucket(rates.messages(), time);
        }
        return messages;
    }

    private Bucket bytes() {
        if (bytes == null) {
            bytes = SocketRates.bucket(rates.bytes(), time);
        }
        return bytes;
    }

    /** Lets go of what a socket that stands still needs no more: a new bucket is as full. */
    void rest() {
        if (isFull(messages, rates.messages())) {
            messages = null;
        }
        if (isFull(bytes, rates.bytes())) {
            bytes = null;
        }
    }

    private static boolean isFull(@Nullable Bucket bucket, BucketConfiguration configuration) {
        return bucket != null
                && bucket.getAvailableTokens() >= configuration.getBandwidths()[0].getCapacity();
    }

    private void noteMessages(boolean tooMany) {
        if (tooMany && !tooManyMessages) {
            tooManySinceNanos = time.currentTimeNanos();
        }
        tooManyMessages = tooMany;
    }

    /** Whether it has been flooding for too long. */
    boolean isFlood() {
        return tooManyMessages && time.currentTimeNanos() - tooManySinceNanos > FLOOD_NANOS;
    }
}
