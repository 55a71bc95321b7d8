package dev.portcullis.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClockWatchTest {
    private static final Instant START = Instant.parse("2026-11-22T08:00:00Z");

    private long nanos;
    private Instant wall = START;
    private long heldUpNanos;
    private final List<Duration> steps = new ArrayList<>();
    private final ClockWatch watch = new ClockWatch(this::wall, () -> nanos, steps::add);

    private Instant wall() {
        nanos += heldUpNanos;
        return wall;
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
        wall = wall.plus(time);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H", "PT87600H", "PT1S", "PT-1S"})
    void aStep_isToldOnceAndByHowMuch(Duration step) {
        pass(Duration.ofMillis(250));
        watch.look();
        wall = wall.plus(step);
        pass(Duration.ofMillis(250));
        watch.look();
        pass(Duration.ofMillis(250));
        watch.look();
        assertThat(steps).containsExactly(step);
    }

    @Test
    void aClockThatIsCorrectedByItsRate_isNoStep() {
        for (int i = 0; i < 10_000; i++) {
            pass(Duration.ofMillis(250));
            wall = wall.plusNanos(125_000); // 500 parts in a million, the most that Linux does.
            watch.look();
        }
        assertThat(steps).isEmpty();
    }

    @Test
    void aLongPauseOfOurs_isNoStep() {
        pass(Duration.ofMinutes(1));
        watch.look();
        heldUpNanos = Duration.ofSeconds(2).toNanos();
        watch.look();
        heldUpNanos = 0;
        wall = wall.plusSeconds(2);
        watch.look();
        assertThat(steps).isEmpty();
    }
}
