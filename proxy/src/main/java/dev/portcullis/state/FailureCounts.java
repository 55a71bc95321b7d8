package dev.portcullis.state;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.portcullis.config.LockoutConfig;
import dev.portcullis.metrics.Bucket;
import dev.portcullis.policy.AddressKey;
import dev.portcullis.policy.Lockout;
import dev.portcullis.policy.RateLimit.Verdict;
import io.github.bucket4j.TimeMeter;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts failures in memory, and locks a client out that has too many of them within a while. The
 * lock-out ends by itself; failures during it do not prolong it, or a forgotten script would lock
 * its whole network out for ever. Any thread.
 *
 * @param <K> what one client is
 */
public final class FailureCounts<K> implements Lockout<K> {
    /** Clients remembered at most; about 100 bytes each. The one least seen is forgotten first. */
    private static final int KEYS_MAX = 100_000;

    private static final Verdict NOT_YET = Verdict.Allowed.ALLOWED;

    private final LockoutConfig config;
    private final Function<K, Object> key;
    private final TimeMeter time;
    private final Cache<Object, Failures> clients;

    /** The failures of one client since the first, and when its lock-out ends if it is locked. */
    private record Failures(int count, boolean locked, long untilNanos) {}

    /**
     * @param key what of a client counts
     * @param time nanoseconds that only go forward
     */
    public FailureCounts(LockoutConfig config, Function<K, Object> key, TimeMeter time) {
        this.config = config;
        this.key = key;
        this.time = time;
        this.clients =
                Caffeine.newBuilder()
                        .maximumSize(KEYS_MAX)
                        .expireAfterWrite(longer(config.within(), config.lockOut()))
                        .ticker(time::currentTimeNanos)
                        .executor(Runnable::run)
                        .build();
    }

    /** By address: an IPv4 address, or the /64 of an IPv6 one. */
    public static FailureCounts<InetAddress> byAddress(LockoutConfig config, TimeMeter time) {
        return new FailureCounts<>(config, AddressKey::of, time);
    }

    @Override
    public Verdict failed(K client) {
        long now = time.currentTimeNanos();
        var verdict = new Verdict[] {NOT_YET};
        clients.asMap()
                .compute(
                        key.apply(client),
                        (_, before) -> {
                            if (before != null && before.locked() && !isOver(before, now)) {
                                verdict[0] = refused(before.untilNanos() - now);
                                return before;
                            }
                            return next(before, now);
                        });
        return verdict[0];
    }

    /**
     * Takes up what a fleet has counted for a client that has failed here.
     *
     * @param count of failures, at least; 0 if that is not known
     * @param lockedFor how long it is locked out from now on; nothing if it is not
     */
    void learn(K client, int count, Duration lockedFor) {
        long now = time.currentTimeNanos();
        clients.asMap()
                .computeIfPresent(
                        key.apply(client),
                        (_, before) -> {
                            if (before.locked() || isOver(before, now)) {
                                return before;
                            }
                            if (lockedFor.isPositive()) {
                                return new Failures(
                                        before.count(), true, now + lockedFor.toNanos());
                            }
                            return new Failures(
                                    Math.max(count, before.count()), false, before.untilNanos());
                        });
    }

    private Failures next(@Nullable Failures before, long now) {
        return before == null || isOver(before, now)
                ? counted(1, now + config.within().toNanos(), now)
                : counted(before.count() + 1, before.untilNanos(), now);
    }

    private Failures counted(int count, long windowEndNanos, long now) {
        return count < config.failures()
                ? new Failures(count, false, windowEndNanos)
                : new Failures(count, true, now + config.lockOut().toNanos());
    }

    private static boolean isOver(Failures failures, long now) {
        return now - failures.untilNanos() >= 0;
    }

    private Verdict refused(long nanosLeft) {
        return new Verdict.Refused(
                Bucket.TOKENS,
                config.failures(),
                config.within().toSeconds(),
                Buckets.secondsUp(nanosLeft));
    }

    static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
