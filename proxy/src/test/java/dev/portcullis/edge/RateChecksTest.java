package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.ByteRateConfig;
import dev.portcullis.config.LockoutConfig;
import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.RateLimits;
import dev.portcullis.state.RateLimitBuckets;
import io.github.bucket4j.TimeMeter;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is a guess, and so locks an address out. */
class RateChecksTest {
    private static final RateLimitConfig ANY = new RateLimitConfig(50, 400);

    private final RateLimits rates =
            RateLimitBuckets.inMemory(
                    new RateLimitsConfig(
                            ANY,
                            ANY,
                            ANY,
                            new LockoutConfig(1, Duration.ofMinutes(2), Duration.ofMinutes(5)),
                            ANY,
                            new ByteRateConfig(1_000, 2_000)),
                    TimeMeter.SYSTEM_NANOTIME);

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {"TOKEN_MALFORMED", "TOKEN_INVALID", "SERVICE_TOKEN_INVALID"})
    void tokenThatWasNeverGood_isAGuess(Reason reason) {
        assertThat(refused(reason)).isNull();
        assertThat(refused(reason)).isNotNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {
                "TOKEN_EXPIRED",
                "SERVICE_TOKEN_EXPIRED",
                "SESSION_UNKNOWN",
                "SESSION_EXPIRED",
                "NO_CREDENTIALS"
            })
    void whatWasGoodOnce_orIsNotThere_isNone(Reason reason) {
        for (int i = 0; i < 3; i++) {
            assertThat(refused(reason)).isNull();
        }
    }

    private @Nullable Object refused(Reason reason) {
        var deny = new Decision.Deny(401, reason);
        return RateChecks.ofDenied(rates, InetAddress.getLoopbackAddress(), deny);
    }
}
