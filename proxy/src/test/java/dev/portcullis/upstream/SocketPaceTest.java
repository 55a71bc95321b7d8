package dev.portcullis.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.ByteRateConfig;
import dev.portcullis.config.LockoutConfig;
import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.metrics.Meters;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SocketPaceTest {
    private long nanos = 1;
    private final SocketPace pace =
            new SocketPace(SocketRates.of(rates()), new Meters("test"), time());

    @Test
    void burst_isReadAtOnceAndOneMoreIsNot() {
        assertThat(pace.came(20, 1000)).isZero();
        assertThat(pace.came(1, 0)).isEqualTo(Duration.ofMillis(100).toNanos());
    }

    @Test
    void bytes_countToo() {
        assertThat(pace.came(1, 2000)).isZero();
        assertThat(pace.came(1, 100)).isEqualTo(Duration.ofMillis(100).toNanos());
    }

    /** What a socket at rest lets go of is no gift. */
    @Test
    void rest_givesNothingBack() {
        pace.came(20, 2_000);
        pace.rest();
        assertThat(pace.came(1, 0)).isEqualTo(Duration.ofMillis(100).toNanos());
        assertThat(pace.came(0, 100)).isEqualTo(Duration.ofMillis(100).toNanos());
        nanos += Duration.ofHours(1).toNanos();
        pace.rest();
        assertThat(pace.came(20, 2_000)).isZero();
        assertThat(pace.came(1, 0)).isEqualTo(Duration.ofMillis(100).toNanos());
    }

    @Test
    void largestDebt_pausesForFiveSecondsAtOnce() {
        assertThat(pace.came(0, 1_000_000)).isEqualTo(Duration.ofSeconds(5).toNanos());
    }

    @Test
    void floodOfMessages_isOneAfterHalfAMinuteWithoutCalm() {
        pace.came(20, 0);
        for (int i = 0; i < 300; i++) {
            nanos += pace.came(1, 0);
            assertThat(pace.isFlood()).isFalse();
        }
        nanos += pace.came(1, 0) + 1;
        assertThat(pace.isFlood()).isTrue();
    }

    @Test
    void oneMomentOfCalm_isNoFlood() {
        for (int i = 0; i < 1000; i++) {
            nanos += pace.came(1, 0);
            nanos += i % 50 == 0 ? Duration.ofMillis(150).toNanos() : 0;
            assertThat(pace.isFlood()).isFalse();
        }
    }

    @Test
    void longUpload_isNoFlood() {
        for (int i = 0; i < 1000; i++) {
            nanos += pace.came(0, 100);
        }
        assertThat(pace.isFlood()).isFalse();
    }

    @Test
    void fastestRateThatMayBeConfigured_hasABucket() {
        var fastest = new SocketPace(SocketRates.of(rates(512L << 20)), new Meters("test"), time());
        assertThat(fastest.came(1, 2000)).isZero();
    }

    private static RateLimitsConfig rates() {
        return rates(1000);
    }

    private static RateLimitsConfig rates(long bytesPerSecond) {
        var any = new RateLimitConfig(1, 1);
        return new RateLimitsConfig(
                any,
                any,
                any,
                new LockoutConfig(1, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                new RateLimitConfig(10, 20),
                new ByteRateConfig(bytesPerSecond, 2000));
    }

    private TimeMeter time() {
        return new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return nanos;
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
    }
}
