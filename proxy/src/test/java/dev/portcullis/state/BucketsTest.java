package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.metrics.Bucket;
import dev.portcullis.policy.AddressKey;
import dev.portcullis.policy.RateLimit.Verdict.Allowed;
import dev.portcullis.policy.RateLimit.Verdict.Refused;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BucketsTest {
    private static final InetAddress ALICE = InetAddress.ofLiteral("192.0.2.1");

    private final StoppedTime time = new StoppedTime();

    @Test
    void burst_isAllowedAndNotOneMore() {
        var limit = addresses(10, 3);
        assertThat(limit.tryOne(ALICE)).isEqualTo(Allowed.ALLOWED);
        assertThat(limit.tryOne(ALICE)).isEqualTo(Allowed.ALLOWED);
        assertThat(limit.tryOne(ALICE)).isEqualTo(Allowed.ALLOWED);
        assertThat(limit.tryOne(ALICE)).isInstanceOf(Refused.class);
    }

    @Test
    void oneMoreThanTheBurst_isRefusedWithASecondRoundedUp() {
        var limit = addresses(10, 1);
        limit.tryOne(ALICE);
        assertThat(limit.tryOne(ALICE)).isEqualTo(new Refused(Bucket.ADDRESS, 1, 1, 1));
    }

    @Test
    void refill_comesAtTheConfiguredRateAndNotABitEarlier() {
        var limit = addresses(10, 1);
        limit.tryOne(ALICE);
        time.advance(Duration.ofMillis(100).minusNanos(1));
        assertThat(limit.tryOne(ALICE)).isInstanceOf(Refused.class);
        time.advance(Duration.ofNanos(1));
        assertThat(limit.tryOne(ALICE)).isEqualTo(Allowed.ALLOWED);
    }

    @Test
    void refusals_costNoTokens() {
        var limit = addresses(1, 1);
        limit.tryOne(ALICE);
        for (int i = 0; i < 100; i++) {
            limit.tryOne(ALICE);
        }
        time.advance(Duration.ofSeconds(1));
        assertThat(limit.tryOne(ALICE)).isInstanceOf(Allowed.class);
    }

    @Test
    void firstLoadOfTheControlUi_fitsTheDefault() {
        var limit = addresses(50, 400);
        for (int i = 0; i < 115; i++) {
            assertThat(limit.tryOne(ALICE)).isInstanceOf(Allowed.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "192.0.2.1, ::ffff:192.0.2.1, true",
        "2001:db8:0:1::1, 2001:db8:0:1:ffff:ffff:ffff:ffff, true",
        "2001:db8:0:1::1, 2001:db8:0:2::1, false",
        "::1, ::2, true",
        "::1, 127.0.0.1, false",
        "::, 0.0.0.0, false",
        "127.0.0.1, 127.0.0.2, false"
    })
    void whoSharesABucket(String one, String other, boolean shared) {
        var limit = addresses(1, 1);
        limit.tryOne(InetAddress.ofLiteral(one));
        var verdict = limit.tryOne(InetAddress.ofLiteral(other));
        assertThat(verdict).isInstanceOf(shared ? Refused.class : Allowed.class);
    }

    @Test
    void mappedAddressInSixteenBytes_isItsIpv4Address() {
        var mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xFF;
        mapped[12] = (byte) 192;
        mapped[14] = 2;
        mapped[15] = 1;
        assertThat(AddressKey.of(mapped)).isEqualTo(AddressKey.of(ALICE));
    }

    @Test
    void flood_isRememberedUpToTheMaximum() {
        var limit = addresses(1, 400, 1000);
        for (int i = 0; i < 5000; i++) {
            limit.tryOne(address(i));
        }
        assertThat(limit.keys()).isLessThanOrEqualTo(1000);
    }

    @Test
    void addressWithAFullBucket_isForgotten() {
        var limit = addresses(10, 20);
        limit.tryOne(ALICE);
        time.advance(Duration.ofSeconds(2));
        assertThat(limit.keys()).isOne();
        time.advance(Duration.ofSeconds(1));
        assertThat(limit.keys()).isZero();
        for (int i = 0; i < 20; i++) {
            assertThat(limit.tryOne(ALICE)).isEqualTo(Allowed.ALLOWED);
        }
        assertThat(limit.tryOne(ALICE)).isInstanceOf(Refused.class);
    }

    private Buckets<InetAddress> addresses(int rate, int burst) {
        return addresses(rate, burst, Buckets.KEYS_MAX);
    }

    private Buckets<InetAddress> addresses(int rate, int burst, int keysMax) {
        var config = new RateLimitConfig(rate, burst);
        return new Buckets<>(Bucket.ADDRESS, config, AddressKey::of, time, keysMax);
    }

    private static InetAddress address(int i) {
        return InetAddress.ofLiteral("10." + (i >> 16) + "." + (i >> 8 & 0xFF) + "." + (i & 0xFF));
    }
}
