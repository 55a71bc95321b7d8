package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExpiringIdsTest {
    private static final Instant START = Instant.parse("2026-11-22T08:00:00Z");
    private static final ExpiringIds.Id ONE = new ExpiringIds.Id("s", "1");

    private final ExpiringIds ids = new ExpiringIds(2);

    @Test
    void whenFull_nothingIsForgottenAndNothingIsTaken() {
        assertThat(ids.add(ONE, START, START.plusSeconds(9))).isTrue();
        assertThat(ids.add(new ExpiringIds.Id("s", "2"), START, START.plusSeconds(5))).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> ids.add(new ExpiringIds.Id("s", "3"), START, START.plusSeconds(5)));
        assertThat(ids.add(ONE, START, START.plusSeconds(9))).isFalse();
        assertThat(
                        ids.add(
                                new ExpiringIds.Id("s", "3"),
                                START.plusSeconds(5),
                                START.plusSeconds(9)))
                .isTrue();
    }

    @Test
    void atItsEnd_anIdIsForgotten() {
        ids.add(ONE, START, START.plusSeconds(9));
        assertThat(ids.contains(ONE, START.plusSeconds(9).minusNanos(1))).isTrue();
        assertThat(ids.contains(ONE, START.plusSeconds(9))).isFalse();
        assertThat(ids.size()).isZero();
    }

    @Test
    void theLaterEnd_stands() {
        ids.keep(ONE, START, START.plusSeconds(9));
        ids.keep(ONE, START, START.plusSeconds(5));
        assertThat(ids.contains(ONE, START.plusSeconds(8))).isTrue();
        assertThat(ids.size()).isOne();
    }

    @Test
    void aLeaseThatIsOver_isForTheNext() {
        assertThat(ids.lease(ONE, "me", START, START.plusSeconds(9))).isTrue();
        assertThat(ids.lease(ONE, "you", START.plusSeconds(8), START.plusSeconds(20))).isFalse();
        assertThat(ids.lease(ONE, "you", START.plusSeconds(9), START.plusSeconds(20))).isTrue();
        ids.release(ONE, "me");
        assertThat(ids.contains(ONE, START.plusSeconds(10))).isTrue();
    }
}
