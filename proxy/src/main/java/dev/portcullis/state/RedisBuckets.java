package dev.portcullis.state;

import dev.portcullis.config.RateLimitConfig;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of one limit in Redis, by Bucket4j. Each is gone there as soon as it would be full.
 * No call blocks; while Redis is away, or too many calls have no answer, each fails at once.
 */
final class RedisBuckets {
    private static final int UNDER_WAY_MAX = 1000;
    private static final Duration SLACK = Duration.ofSeconds(1);

    private final RedisLink link;
    private final BucketConfiguration configuration;
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile @Nullable AsyncProxyManager<String> proxies;

    RedisBuckets(RedisLink link, RateLimitConfig config) {
        this.link = link;
        this.configuration =
                BucketConfiguration.builder().addLimit(Buckets.bandwidth(config)).build();
    }

    /**
     * Takes tokens, there or not.
     *
     * @return what is left; less than nothing if more were taken than there were
     */
    CompletionStage<Long> take(String bucket, long tokens) {
        var there = proxies();
        if (there == null || !link.up() || underWay.get() >= UNDER_WAY_MAX) {
            return CompletableFuture.failedStage(new RedisException("not asked"));
        }
        underWay.incrementAndGet();
        return taken(there, bucket, tokens)
                .whenComplete((left, failure) -> underWay.decrementAndGet());
    }

    private CompletionStage<Long> taken(
            AsyncProxyManager<String> there, String bucket, long tokens) {
        try {
            return there.builder()
                    .build(bucket, () -> CompletableFuture.completedFuture(configuration))
                    .asVerbose()
                    .consumeIgnoringRateLimits(tokens)
                    .thenApply(taken -> taken.getDiagnostics().getAvailableTokens());
        } catch (RuntimeException rejected) {
            return CompletableFuture.failedStage(rejected);
        }
    }

    /** How many calls have no answer yet. */
    int underWay() {
        return underWay.get();
    }

    private @Nullable AsyncProxyManager<String> proxies() {
        var there = proxies;
        var connection = there == null ? link.connection() : null;
        if (connection != null) {
            there =
                    Bucket4jLettuce.casBasedBuilder(connection)
                            .expirationAfterWrite(
                                    ExpirationAfterWriteStrategy
                                            .basedOnTimeForRefillingBucketUpToMax(SLACK))
                            .build()
                            .asAsync();
            proxies = there;
        }
        return there;
    }
}
