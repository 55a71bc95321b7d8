package dev.portcullis.state;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.portcullis.policy.RateLimit;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.net.InetAddress;
import java.time.Duration;

/**
 * The rate limit per client address: a token bucket each, in memory, full at first sight. Any
 * thread; lock-free.
 *
 * <p>At most {@link #KEYS_MAX} addresses are remembered. One that has been away long enough for its
 * bucket to be full again is forgotten, which changes nothing for it. Beyond the maximum the cache
 * gives up addresses seen once before those seen often, so a flood from many addresses does not
 * hand fresh buckets to the busy ones.
 */
public final class AddressBuckets implements RateLimit {
    /** Addresses remembered at most; about 200 bytes each. */
    public static final int KEYS_MAX = 100_000;

    private final Bandwidth bandwidth;
    private final TimeMeter time;
    private final LoadingCache<AddressKey, Bucket> buckets;

    /**
     * @param ratePerSecond refill, in requests per second; at least 1
     * @param burst bucket size, in requests; at least 1
     * @param time nanoseconds that only go forward; {@link TimeMeter#SYSTEM_NANOTIME}
     */
    public AddressBuckets(int ratePerSecond, int burst, TimeMeter time) {
        this(ratePerSecond, burst, time, KEYS_MAX);
    }

    AddressBuckets(int ratePerSecond, int burst, TimeMeter time, int keysMax) {
        this.bandwidth =
                Bandwidth.builder()
                        .capacity(burst)
                        .refillGreedy(ratePerSecond, Duration.ofSeconds(1))
                        .build();
        this.time = time;
        this.buckets =
                Caffeine.newBuilder()
                        .maximumSize(keysMax)
                        .expireAfterAccess(untilFull(ratePerSecond, burst))
                        .ticker(time::currentTimeNanos)
                        .executor(Runnable::run) // Upkeep is short, and no other pool is needed.
                        .build(_ -> newBucket());
    }

    @Override
    public Verdict tryOne(InetAddress address) {
        ConsumptionProbe probe =
                buckets.get(AddressKey.of(address)).tryConsumeAndReturnRemaining(1);
        return probe.isConsumed()
                ? new Verdict.Allowed(probe.getRemainingTokens())
                : new Verdict.Refused(secondsUp(probe.getNanosToWaitForRefill()));
    }

    /** How many addresses are remembered. */
    public long keys() {
        buckets.cleanUp();
        return buckets.estimatedSize();
    }

    private Bucket newBucket() {
        return Bucket.builder().addLimit(bandwidth).withCustomTimePrecision(time).build();
    }

    private static Duration untilFull(int ratePerSecond, int burst) {
        return Duration.ofSeconds(burst / ratePerSecond + 1L);
    }

    private static long secondsUp(long nanos) {
        return Math.max(1, Math.ceilDiv(nanos, Duration.ofSeconds(1).toNanos()));
    }
}
