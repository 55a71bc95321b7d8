package dev.portcullis.state;

import static dev.portcullis.state.RedisIds.bytes;

import dev.portcullis.config.LockoutConfig;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Failures that a fleet counts in Redis, which forgets them by itself. No call blocks; while Redis
 * is away, or too many calls have no answer, each fails at once.
 */
final class RedisFailures {
    private static final int UNDER_WAY_MAX = 1000;

    private final RedisLink link;
    private final LockoutConfig config;
    private final AtomicInteger underWay = new AtomicInteger();

    RedisFailures(RedisLink link, LockoutConfig config) {
        this.link = link;
        this.config = config;
    }

    /**
     * What the fleet knows of a client.
     *
     * @param count of failures, until it is locked out
     * @param lockedFor how long the lock-out takes; nothing if there is none
     */
    record All(int count, Duration lockedFor) {}

    /** Counts a failure in. */
    CompletionStage<All> failed(String failures) {
        if (!link.up() || underWay.get() >= UNDER_WAY_MAX) {
            return CompletableFuture.failedStage(new RedisException("not asked"));
        }
        underWay.incrementAndGet();
        String[] where = {failures};
        return link.run(
                        RedisScripts.FAILED,
                        where,
                        bytes(config.failures()),
                        bytes(config.within().toMillis()),
                        bytes(config.lockOut().toMillis()))
                .thenApply(RedisFailures::all)
                .whenComplete((all, failure) -> underWay.decrementAndGet());
    }

    private static All all(long answer) {
        return answer < 0
                ? new All(0, Duration.ofMillis(-answer))
                : new All(Math.toIntExact(answer), Duration.ZERO);
    }

    /** How many calls have no answer yet. */
    int underWay() {
        return underWay.get();
    }
}
