package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LockoutConfig;
import dev.portcullis.metrics.Bucket;
import dev.portcullis.policy.RateLimit.Verdict.Allowed;
import dev.portcullis.policy.RateLimit.Verdict.Refused;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailureCountsTest {
    private static final InetAddress MALLORY = InetAddress.ofLiteral("192.0.2.66");
    private static final LockoutConfig THREE =
            new LockoutConfig(3, Duration.ofMinutes(2), Duration.ofMinutes(5));

    private final StoppedTime time = new StoppedTime();
    private final FailureCounts<InetAddress> counts = FailureCounts.byAddress(THREE, time);

    @Test
    void lastFailureThatIsBorne_locksTheNextOneOut() {
        fail(3);
        assertThat(counts.failed(MALLORY)).isEqualTo(new Refused(Bucket.TOKENS, 3, 120, 300));
    }

    @Test
    void fewerFailures_areBorneForEverIfTheyAreSlow() {
        for (int i = 0; i < 100; i++) {
            fail(2);
            time.advance(THREE.within());
        }
    }

    @Test
    void windowBeginsWithTheFirstFailure_andEndsOnTheInstant() {
        fail(2);
        time.advance(THREE.within().minusNanos(1));
        fail(1);
        assertThat(counts.failed(MALLORY)).isInstanceOf(Refused.class);
    }

    @Test
    void lockOut_endsOnTheInstantThoughFailuresWentOn() {
        fail(3);
        for (int i = 0; i < 299; i++) {
            time.advance(Duration.ofSeconds(1));
            assertThat(counts.failed(MALLORY)).isInstanceOf(Refused.class);
        }
        time.advance(Duration.ofSeconds(1).minusNanos(1));
        assertThat(counts.failed(MALLORY)).isEqualTo(new Refused(Bucket.TOKENS, 3, 120, 1));
        time.advance(Duration.ofNanos(1));
        fail(3); // A fresh count.
        assertThat(counts.failed(MALLORY)).isInstanceOf(Refused.class);
    }

    @Test
    void otherAddresses_areNotLockedOut() {
        fail(3);
        var neighbour = InetAddress.ofLiteral("192.0.2.67");
        assertThat(counts.failed(neighbour)).isInstanceOf(Allowed.class);
    }

    @Test
    void networkOfAnIpv6Host_isOneClient() {
        for (int i = 1; i <= 3; i++) {
            counts.failed(InetAddress.ofLiteral("2001:db8::" + i));
        }
        assertThat(counts.failed(InetAddress.ofLiteral("2001:db8::ffff:1")))
                .isInstanceOf(Refused.class);
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(counts.failed(MALLORY)).isInstanceOf(Allowed.class);
        }
    }
}
