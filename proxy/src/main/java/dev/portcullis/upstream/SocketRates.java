package dev.portcullis.upstream;

import dev.portcullis.config.RateLimitsConfig;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketListener;
import io.github.bucket4j.MathType;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.local.ThreadUnsafeBucket;
import java.time.Duration;

/**
 * How fast a client may send inside one WebSocket, worked out once for all sockets of a
 * configuration.
 */
record SocketRates(BucketConfiguration messages, BucketConfiguration bytes) {
    static SocketRates of(RateLimitsConfig rates) {
        return new SocketRates(
                configuration(rates.messages().burst(), rates.messages().ratePerSecond()),
                configuration(rates.bytes().burst(), rates.bytes().bytesPerSecond()));
    }

    private static BucketConfiguration configuration(long burst, long perSecond) {
        return BucketConfiguration.builder()
                .addLimit(limit ->
                        limit.capacity(burst).refillGreedy(perSecond, Duration.ofSeconds(1)))
                .build();
    }

    /** A full bucket for one event loop. */
    static ThreadUnsafeBucket bucket(BucketConfiguration configuration, TimeMeter time) {
        return new ThreadUnsafeBucket(
                configuration, MathType.INTEGER_64_BITS, time, BucketListener.NOPE);
    }
}
