package dev.portcullis.state;

import dev.portcullis.access.UserName;
import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.metrics.Bucket;
import dev.portcullis.policy.RateLimit;
import dev.portcullis.policy.RateLimits;
import io.github.bucket4j.TimeMeter;
import java.net.InetAddress;

/** Makes the rate limits of one machine. */
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
                new Buckets<UserName>(Bucket.USER, config.user(), user -> user, time),
                ofAddress(Bucket.SIGN_IN, config.signIn(), time),
                FailureCounts.byAddress(config.tokens(), time));
    }

    /** One limit alone, of requests per address. */
    public static RateLimit<InetAddress> byAddress(int perSecond, int burst, TimeMeter time) {
        return ofAddress(Bucket.ADDRESS, new RateLimitConfig(perSecond, burst), time);
    }

    private static RateLimit<InetAddress> ofAddress(
            Bucket name, RateLimitConfig config, TimeMeter time) {
        return new Buckets<>(name, config, AddressKey::of, time);
    }
}
