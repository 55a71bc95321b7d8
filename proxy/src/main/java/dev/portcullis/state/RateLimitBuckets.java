package dev.portcullis.state;

import dev.portcullis.access.UserName;
import dev.portcullis.config.LockoutConfig;
import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.metrics.Bucket;
import dev.portcullis.policy.AddressKey;
import dev.portcullis.policy.Lockout;
import dev.portcullis.policy.RateLimit;
import dev.portcullis.policy.RateLimits;
import io.github.bucket4j.TimeMeter;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.Function;

/** Makes the rate limits: of one machine, or of a fleet. */
public final class RateLimitBuckets {
    private RateLimitBuckets() {}

    /**
     * All of them, full.
     *
     * @param time nanoseconds that only go forward; {@link TimeMeter#SYSTEM_NANOTIME}
     */
    public static RateLimits inMemory(RateLimitsConfig config, TimeMeter time) {
        return new RateLimits(
                ofAddress(Bucket.ADDRESS, config.address(), time),
                ofAddress(Bucket.UNPROVEN, config.address(), time),
                ofAddress(Bucket.SIGN_OUT, config.address(), time),
                ofUser(config.user(), time),
                ofAddress(Bucket.SIGN_IN, config.signIn(), time),
                FailureCounts.byAddress(config.tokens(), time));
    }

    /**
     * All of them, as full as the fleet has left them.
     *
     * @param time nanoseconds that only go forward; {@link TimeMeter#SYSTEM_NANOTIME}
     * @param redis stays open
     * @param origin the fleet's public origin
     */
    public static RateLimits shared(
            RateLimitsConfig config, TimeMeter time, RedisLink redis, String origin) {
        var fleet = new Fleet(time, redis, RedisNames.of(origin));
        return new RateLimits(
                fleet.byAddress(Bucket.ADDRESS, config.address()),
                fleet.byAddress(Bucket.UNPROVEN, config.address()),
                fleet.byAddress(Bucket.SIGN_OUT, config.address()),
                fleet.limit(ofUser(config.user(), time), UserName::value),
                fleet.byAddress(Bucket.SIGN_IN, config.signIn()),
                fleet.lockout(config.tokens()));
    }

    /** One limit alone, of requests per address. */
    public static RateLimit<InetAddress> byAddress(int perSecond, int burst, TimeMeter time) {
        return ofAddress(Bucket.ADDRESS, new RateLimitConfig(perSecond, burst), time);
    }

    private static Buckets<InetAddress> ofAddress(
            Bucket name, RateLimitConfig config, TimeMeter time) {
        return new Buckets<>(name, config, AddressKey::of, time);
    }

    private static Buckets<UserName> ofUser(RateLimitConfig config, TimeMeter time) {
        return new Buckets<>(Bucket.USER, config, user -> user, time);
    }

    private static String word(InetAddress address) {
        return AddressKey.of(address).word();
    }

    /** What the limits of a fleet have in common. */
    private record Fleet(TimeMeter time, RedisLink redis, RedisNames names) {
        RateLimit<InetAddress> byAddress(Bucket name, RateLimitConfig config) {
            return limit(ofAddress(name, config, time), RateLimitBuckets::word);
        }

        <K> RateLimit<K> limit(Buckets<K> here, Function<K, String> word) {
            var config = here.config();
            return new SharedBuckets<>(
                    here,
                    client -> names.rate(here.name(), config, word.apply(client)),
                    new RedisBuckets(redis, config),
                    told(Duration.ofSeconds(Buckets.secondsUntilFull(config))));
        }

        Lockout<InetAddress> lockout(LockoutConfig config) {
            return new SharedFailures<>(
                    FailureCounts.byAddress(config, time),
                    client -> names.failures(word(client)),
                    new RedisFailures(redis, config),
                    told(FailureCounts.longer(config.within(), config.lockOut())));
        }

        private Told told(Duration kept) {
            return new Told(Told.CLIENTS_MAX, kept, time);
        }
    }
}
