package dev.portcullis.state;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.policy.RateLimit;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.function.Function;

/**
 * A rate limit in memory: a token bucket for each client, full at first sight. Any thread;
 * lock-free.
 *
 * <p>At most {@link #KEYS_MAX} clients are remembered. One that has been away long enough for its
 * bucket to be full again is forgotten, which changes nothing for it. Beyond the maximum the cache
 * gives up clients seen once before those seen often, so a flood from many addresses does not hand
 * fresh buckets to the busy ones.
 *
 * @param <K> what one client is
 */
final class Buckets<K> implements RateLimit<K> {
    /** Clients remembered at most; about 200 bytes each. */
    static final int KEYS_MAX = 100_000;

    private final dev.portcullis.metrics.Bucket name;
    private final RateLimitConfig config;
    private final Function<K, Object> key;
    private final TimeMeter time;
    private final Bandwidth bandwidth;
    private final LoadingCache<Object, Bucket> buckets;

    /**
     * @param key what of a client counts; equal keys share a bucket
     * @param time nanoseconds that only go forward; {@link TimeMeter#SYSTEM_NANOTIME}
     */
    Buckets(
            dev.portcullis.metrics.Bucket name,
            RateLimitConfig config,
            Function<K, Object> key,
            TimeMeter time) {
        this(name, config, key, time, KEYS_MAX);
    }

    Buckets(
            dev.portcullis.metrics.Bucket name,
            RateLimitConfig config,
            Function<K, Object> key,
            TimeMeter time,
            int keysMax) {
        this.name = name;
        this.config = config;
        this.key = key;
        this.time = time;
        this.bandwidth = bandwidth(config);
        this.buckets =
                Caffeine.newBuilder()
                        .maximumSize(keysMax)
                        .expireAfterAccess(Duration.ofSeconds(secondsUntilFull(config)))
                        .ticker(time::currentTimeNanos)
                        .executor(Runnable::run) // Upkeep is short, and no other pool is needed.
                        .build(_ -> newBucket());
    }

    @Override
    public Verdict tryOne(K client) {
        var bucket = buckets.get(key.apply(client));
        if (bucket.tryConsume(1)) {
            return Verdict.Allowed.ALLOWED;
        }
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
        return probe.isConsumed() // Refilled between the two questions.
                ? Verdict.Allowed.ALLOWED
                : new Verdict.Refused(
                        name,
                        config.burst(),
                        secondsUntilFull(config),
                        secondsUp(probe.getNanosToWaitForRefill()));
    }

    /**
     * Lowers a client's bucket, unless it is lower anyway.
     *
     * @param tokens less than nothing is a debt: nothing passes until it is refilled
     */
    void atMost(K client, long tokens) {
        var bucket = buckets.get(key.apply(client));
        long excess = bucket.getAvailableTokens() - tokens;
        if (excess > 0) {
            bucket.consumeIgnoringRateLimits(excess);
        }
    }

    dev.portcullis.metrics.Bucket name() {
        return name;
    }

    RateLimitConfig config() {
        return config;
    }

    /** How many clients are remembered. */
    long keys() {
        buckets.cleanUp();
        return buckets.estimatedSize();
    }

    private Bucket newBucket() {
        return Bucket.builder().addLimit(bandwidth).withCustomTimePrecision(time).build();
    }

    /** How a bucket of that limit fills. */
    static Bandwidth bandwidth(RateLimitConfig config) {
        return Bandwidth.builder()
                .capacity(config.burst())
                .refillGreedy(config.ratePerSecond(), Duration.ofSeconds(1))
                .build();
    }

    /** In which an empty bucket of that limit is full again, rounded up. */
    static long secondsUntilFull(RateLimitConfig config) {
        return config.burst() / config.ratePerSecond() + 1L;
    }

    static long secondsUp(long nanos) {
        return Math.max(1, Math.ceilDiv(nanos, Duration.ofSeconds(1).toNanos()));
    }
}
