package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.portcullis.testing.TimeOfCalls;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExpiringIdsTest {
    private static final Instant START = Instant.parse("2026-11-22T08:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final ExpiringIds.Id ONE = new ExpiringIds.Id("s", "1");

    private final TimeOfCalls time = new TimeOfCalls();
    private final ExpiringIds ids = new ExpiringIds(2, time);

    /** Both clocks stand there. */
    private Instant at(int seconds) {
        var now = after(seconds);
        time.at(now);
        return now;
    }

    private static Instant after(int seconds) {
        return START.plusSeconds(seconds);
    }

    @Test
    void whenFull_nothingIsForgottenAndNothingIsTaken() {
        var three = new ExpiringIds.Id("s", "3");
        assertThat(ids.add(ONE, at(0), after(9))).isTrue();
        assertThat(ids.add(new ExpiringIds.Id("s", "2"), at(0), after(5))).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> ids.add(three, at(0), after(5)));
        assertThat(ids.add(ONE, at(0), after(9))).isFalse();
        assertThat(ids.add(three, at(5), after(9))).isTrue();
    }

    @Test
    void atItsEnd_anIdIsForgotten() {
        ids.add(ONE, at(0), after(9));
        var justBefore = at(9).minusNanos(1);
        time.at(justBefore);
        assertThat(ids.contains(ONE, justBefore)).isTrue();
        assertThat(ids.contains(ONE, at(9))).isFalse();
        assertThat(ids.size()).isZero();
    }

    @Test
    void theLaterEnd_stands() {
        ids.keep(ONE, at(0), after(9));
        ids.keep(ONE, at(0), after(5));
        assertThat(ids.contains(ONE, at(8))).isTrue();
        assertThat(ids.size()).isOne();
    }

    @Test
    void aLeaseThatIsOver_isForTheNext() {
        assertThat(ids.lease(ONE, "me", at(0), after(9))).isTrue();
        assertThat(ids.lease(ONE, "you", at(8), after(20))).isFalse();
        assertThat(ids.lease(ONE, "you", at(9), after(20))).isTrue();
        ids.release(ONE, "me");
        assertThat(ids.contains(ONE, at(10))).isTrue();
    }

    @Test
    void aClockThatJumpsAheadAndIsSetRight_letsNothingBeUsedAgain() {
        ids.add(ONE, at(0), after(9));
        assertThat(ids.contains(ONE, at(1).plus(HOUR))).isTrue();
        assertThat(ids.add(ONE, at(2), after(9))).isFalse();
        assertThat(ids.add(ONE, at(9), after(20))).isTrue();
    }

    @Test
    void aClockThatIsSetBack_letsNothingBeUsedAgainAndStillEndsALease() {
        ids.add(ONE, at(0), after(9));
        assertThat(ids.contains(ONE, at(10).minus(HOUR))).isTrue();
        var lent = new ExpiringIds.Id("", "r");
        ids.lease(lent, "me", at(0), after(9));
        assertThat(ids.lease(lent, "you", at(9).minus(HOUR), after(20))).isTrue();
    }

    @Test
    void anEndInTheYear9999_isRemembered() {
        assertThat(ids.add(ONE, at(0), Instant.parse("9999-12-31T23:59:59Z"))).isTrue();
        assertThat(ids.contains(ONE, at(1_000_000))).isTrue();
    }
}
