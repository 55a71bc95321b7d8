package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LimitsConfig;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** By the defaults: 30 s, and 512 bytes a second. */
class BodyPaceTest {
    private static final long IDLE = LimitsConfig.DEFAULTS.bodyIdle().toNanos();

    private final MockTicker time = Ticker.newMockTicker();
    private final BodyPace pace = new BodyPace(LimitsConfig.DEFAULTS, time);

    @Test
    void firstBytes_mayTakeTheWholePause() {
        assertThat(pace.waiting()).isEqualTo(IDLE);
        pass(29);
        assertThat(pace.waiting()).as("asked again").isEqualTo(seconds(1));
        pass(2);
        assertThat(pace.waiting()).isNegative();
    }

    @Test
    void drip_isLateOnceThePauseIsUsedUp() {
        for (int i = 0; i < 7; i++) {
            assertThat(pace.waiting()).isPositive();
            pass(4);
            pace.came(1);
        }
        assertThat(pace.waiting()).isBetween(seconds(2), seconds(3));
    }

    @Test
    void fastEnough_isNeverLate() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(pace.waiting()).isEqualTo(IDLE);
            pass(4);
            pace.came(4 * 512);
        }
    }

    @Test
    void muchAtOnce_allowsNoLongerPauseThanBefore() {
        pace.came(1_000_000);
        assertThat(pace.waiting()).isEqualTo(IDLE);
        pass(25);
        pace.came(1);
        assertThat(pace.waiting()).as("it has been fast on average").isEqualTo(IDLE);
    }

    @Test
    void timeInWhichNobodyAsks_isNotTheClients() {
        pace.waiting();
        pass(20);
        pace.came(1);
        pass(1000);
        assertThat(pace.isWaiting()).isFalse();
        assertThat(pace.waiting()).isBetween(seconds(10), seconds(11));
    }

    @Test
    void nothing_endsNoPause() {
        pace.waiting();
        pass(20);
        pace.came(0);
        assertThat(pace.waiting()).isEqualTo(seconds(10));
    }

    @Test
    void largestBodyAndSlowestRate_doNotOverflow() {
        for (int i = 0; i < 10_000; i++) {
            pace.came(Integer.MAX_VALUE);
        }
        assertThat(pace.waiting()).isEqualTo(IDLE);
    }

    private void pass(long seconds) {
        time.advance(seconds, TimeUnit.SECONDS);
    }

    private static long seconds(long count) {
        return TimeUnit.SECONDS.toNanos(count);
    }
}
