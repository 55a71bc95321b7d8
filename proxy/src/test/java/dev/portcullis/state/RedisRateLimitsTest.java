package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LockoutConfig;
import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.config.RedisConfig;
import dev.portcullis.metrics.Bucket;
import dev.portcullis.policy.AddressKey;
import dev.portcullis.policy.Lockout;
import dev.portcullis.policy.RateLimit;
import dev.portcullis.policy.RateLimit.Verdict.Allowed;
import dev.portcullis.policy.RateLimit.Verdict.Refused;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Two sidecars on Debian's redis-server. Time stands still here, so that only what Redis says
 * changes a bucket; there it passes.
 */
@EnabledIf("dev.portcullis.state.RedisProcess#isInstalled")
class RedisRateLimitsTest {
    private static final InetAddress MALLORY = InetAddress.ofLiteral("192.0.2.66");
    private static final RateLimitConfig LIMIT = new RateLimitConfig(1, 64);
    private static final int PORTION = 2;
    private static final LockoutConfig FIVE =
            new LockoutConfig(5, Duration.ofMinutes(2), Duration.ofMinutes(5));
    private static RedisProcess redis;
    private static int number;

    private final StoppedTime time = new StoppedTime();
    private RedisNames names;
    private Sidecar one;
    private Sidecar two;

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void open() {
        names = RedisNames.of("https://claw" + ++number + ".example.com");
        one = new Sidecar();
        two = new Sidecar();
    }

    @AfterEach
    void close() {
        one.link.close();
        two.link.close();
    }

    private final class Sidecar {
        final RedisLink link =
                RedisLink.open(
                        new RedisConfig("127.0.0.1", redis.port(), 0, false, null, null),
                        Duration.ofSeconds(2));
        final RedisBuckets buckets = new RedisBuckets(link, LIMIT);
        final RedisFailures failures = new RedisFailures(link, FIVE);
        final Told told = new Told(2, Duration.ofMinutes(5), time);
        final RateLimit<InetAddress> limit =
                new SharedBuckets<>(
                        new Buckets<>(Bucket.ADDRESS, LIMIT, AddressKey::of, time),
                        client -> names.rate(Bucket.ADDRESS, LIMIT, AddressKey.of(client).word()),
                        buckets,
                        told);
        final Lockout<InetAddress> lockout =
                new SharedFailures<>(
                        FailureCounts.byAddress(FIVE, time),
                        client -> names.failures(AddressKey.of(client).word()),
                        failures,
                        told);

        Sidecar() {
            until(link::up);
        }

        boolean passes(InetAddress client) {
            return limit.tryOne(client) instanceof Allowed;
        }

        /** Waits until Redis has answered everything. */
        void settle() {
            until(() -> buckets.underWay() == 0 && failures.underWay() == 0);
        }
    }

    private static void until(BooleanSupplier met) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!met.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private List<String> keys() {
        var there = Objects.requireNonNull(one.link.connection());
        return there.sync().keys(names.prefix() + "*");
    }

    @Test
    void whoAlternatesBetweenTwo_getsOneLimitAndAPortionOfEach() {
        long begin = System.nanoTime();
        int passed = 0;
        for (int i = 0; i < 4 * LIMIT.burst(); i++) {
            var sidecar = i % 2 == 0 ? one : two;
            if (sidecar.passes(MALLORY)) {
                passed++;
            }
            sidecar.settle();
        }
        long refilled = Duration.ofNanos(System.nanoTime() - begin).toSeconds() + 1;
        assertThat(passed).isBetween(LIMIT.burst(), LIMIT.burst() + 2 * PORTION + (int) refilled);
    }

    @Test
    void whoUsedItUpAtOne_hasAPortionAtTheOtherAndThenNothing() {
        while (one.passes(MALLORY)) {
            one.settle();
        }
        long begin = System.nanoTime();
        int passed = 0;
        for (int i = 0; i < LIMIT.burst(); i++) {
            if (two.passes(MALLORY)) {
                passed++;
            }
            two.settle();
        }
        assertThat(passed)
                .isLessThanOrEqualTo(
                        PORTION
                                + (int) Duration.ofNanos(System.nanoTime() - begin).toSeconds()
                                + 2);
        assertThat(two.passes(InetAddress.ofLiteral("192.0.2.1"))).as("somebody else").isTrue();
    }

    @Test
    void whatIsInRedis_isForgottenWhenTheBucketWouldBeFull() {
        for (int i = 0; i < 10 * PORTION; i++) {
            one.passes(MALLORY);
            one.settle();
        }
        one.lockout.failed(MALLORY);
        one.settle();
        var there = Objects.requireNonNull(one.link.connection()).sync();
        assertThat(keys()).hasSize(2).noneMatch(key -> key.contains("192.0.2.66"));
        for (var key : keys()) {
            assertThat(there.pttl(key))
                    .as(key)
                    .isBetween(1L, key.contains(":rate:") ? 22_000L : FIVE.within().toMillis());
        }
    }

    @Test
    void addressesInAFlood_makeNoMoreKeysThanTheBound() {
        for (int i = 0; i < 200; i++) {
            var address = InetAddress.ofLiteral("198.51.100." + i);
            for (int n = 0; n < PORTION; n++) {
                assertThat(one.passes(address)).isTrue();
            }
            one.settle();
        }
        assertThat(keys()).hasSize(2);
    }

    @Test
    void whileRedisIsAway_eachHasItsOwnLimitAndNoMore() throws Exception {
        redis.stop();
        try {
            until(() -> !one.link.up() && !two.link.up());
            for (var sidecar : List.of(one, two)) {
                int passed = 0;
                for (int i = 0; i < 3 * LIMIT.burst(); i++) {
                    passed += sidecar.passes(MALLORY) ? 1 : 0;
                }
                assertThat(passed).isEqualTo(LIMIT.burst());
            }
            for (int i = 0; i < FIVE.failures(); i++) {
                assertThat(one.lockout.failed(MALLORY)).isInstanceOf(Allowed.class);
            }
            assertThat(one.lockout.failed(MALLORY)).isInstanceOf(Refused.class);
            assertThat(two.lockout.failed(MALLORY)).isInstanceOf(Allowed.class);
        } finally {
            redis.again();
        }
        until(() -> one.link.up() && two.link.up());
        assertThat(one.passes(MALLORY)).as("what its own bucket has counted").isFalse();
        assertThat(keys()).as("told of nothing that came meanwhile").isEmpty();
    }

    @Test
    void whoFailsHereAndThere_isLockedOutEverywhere() {
        int borne = 0;
        for (int i = 0; i < 4 * FIVE.failures(); i++) {
            var sidecar = i % 2 == 0 ? one : two;
            if (sidecar.lockout.failed(MALLORY) instanceof Allowed) {
                borne++;
            }
            sidecar.settle();
        }
        assertThat(borne).isBetween(FIVE.failures(), FIVE.failures() + 1);
        assertThat(one.lockout.failed(MALLORY)).isInstanceOf(Refused.class);
        assertThat(two.lockout.failed(MALLORY)).isInstanceOf(Refused.class);
        time.advance(FIVE.lockOut());
        assertThat(one.lockout.failed(MALLORY)).as("over here").isInstanceOf(Allowed.class);
    }
}
