package dev.portcullis.state;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.portcullis.policy.RateLimit;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A rate limit that a fleet shares. The bucket in this process decides, at once; what it lets pass
 * is told to the fleet's bucket in the background, a portion at a time and one exchange per client
 * at once, and the answer lowers the bucket here to what the fleet has left.
 *
 * <p>So a client gets in total what one bucket holds, and for each further sidecar at most a
 * portion and what it sends within one exchange; that is a debt, which is paid back before it gets
 * more. While Redis is away each sidecar's own bucket decides alone, and what is let pass then is
 * never told. Any thread; never blocks.
 *
 * @param <K> what one client is
 */
final class SharedBuckets<K> implements RateLimit<K> {
    /** A sidecar tells of that part of a full bucket at a time. */
    private static final int PORTIONS = 32;

    private final Buckets<K> here;
    private final Function<K, String> name;
    private final RedisBuckets fleet;
    private final Told told;
    private final int portion;
    private final LoadingCache<String, Share> shares;

    /** What one client was let pass here, and the fleet does not know yet. */
    private static final class Share {
        final AtomicInteger untold = new AtomicInteger();
        final AtomicBoolean underWay = new AtomicBoolean();
    }

    /**
     * @param name the client's bucket in Redis
     * @param fleet the same limit, there
     * @param told for which clients there may be a bucket there
     */
    SharedBuckets(Buckets<K> here, Function<K, String> name, RedisBuckets fleet, Told told) {
        this.here = here;
        this.name = name;
        this.fleet = fleet;
        this.told = told;
        this.portion = Math.max(1, here.config().burst() / PORTIONS);
        this.shares =
                Caffeine.newBuilder()
                        .maximumSize(Buckets.KEYS_MAX)
                        .expireAfterAccess(
                                Duration.ofSeconds(Buckets.secondsUntilFull(here.config())))
                        .executor(Runnable::run)
                        .build(_ -> new Share());
    }

    @Override
    public Verdict tryOne(K client) {
        var verdict = here.tryOne(client);
        if (verdict instanceof Verdict.Allowed) {
            var bucket = name.apply(client);
            var share = shares.get(bucket);
            if (share.untold.incrementAndGet() >= portion) {
                tell(client, bucket, share);
            }
        }
        return verdict;
    }

    private void tell(K client, String bucket, Share share) {
        if (!told.mayTell(bucket)) {
            share.untold.set(0);
            return;
        }
        if (!share.underWay.compareAndSet(false, true)) {
            return; // Goes with the next portion.
        }
        int passed = share.untold.getAndSet(0);
        fleet.take(bucket, passed)
                .whenComplete((left, failure) -> {
                    if (failure == null) {
                        here.atMost(client, left - share.untold.get());
                    }
                    share.underWay.set(false);
                    if (failure == null && share.untold.get() >= portion) {
                        tell(client, bucket, share);
                    }
                });
    }
}
