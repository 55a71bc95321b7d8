package dev.portcullis.state;

import static dev.portcullis.state.SessionStoreContract.ABSOLUTE;
import static dev.portcullis.state.SessionStoreContract.IDLE;
import static dev.portcullis.state.SessionStoreContract.START;
import static dev.portcullis.state.SessionStoreContract.session;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.TimeOfCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTableTest {
    private static final Duration STEP = Duration.ofHours(1);

    private final TimeOfCalls time = new TimeOfCalls();
    private final SessionTable table = new SessionTable(3, time);

    @BeforeEach
    void start() {
        time.at(START);
    }

    @Test
    void anAnswerThatWasOvertaken_doesNotBringTheOlderVersionBack() {
        var older = session("r");
        var newer = older.refreshed(older.user(), Set.of("dev"), null, null);
        table.update("k", older, START, START);
        table.update("k", newer, START, START);
        var later = START.plusSeconds(1);
        var entry = Objects.requireNonNull(table.update("k", older, later, later));
        assertThat(entry.session).isEqualTo(newer);
        assertThat(entry.lastUsed).isEqualTo(later);
    }

    @Test
    void howLongOneIsUnanswered_countsFromTheFirstTimeSinceTheLastAnswer() {
        var entry = Objects.requireNonNull(table.update("k", session("r"), START, START));
        assertThat(entry.unansweredFor(5)).isZero();
        assertThat(entry.unansweredFor(7)).isEqualTo(Duration.ofNanos(2));
        entry.checkedAt(8);
        assertThat(entry.unansweredFor(9)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT87600H", "PT-1H", "PT-87600H"})
    void aClockThatIsSet_movesNeitherIdleNorAbsoluteEnd(Duration step) {
        table.add("k", session("r"));
        time.at(START.plus(IDLE).minusNanos(1));
        assertThat(table.use("k", wall(step))).isNotNull();
        assertThat(table.takeExpired()).isEmpty();
        time.at(START.plus(IDLE).minusNanos(1).plus(IDLE));
        assertThat(table.use("k", wall(step))).isNull();
        assertThat(table.find("r")).isNull();
        assertThat(table.list()).isEmpty();
        assertThat(table.takeExpired()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void aBusySession_endsAtItsAbsoluteEndWhateverTheClockSays(Duration step) {
        table.add("k", session("r"));
        for (var at = START; at.isBefore(START.plus(ABSOLUTE)); at = at.plusSeconds(600)) {
            time.at(at);
            assertThat(table.touch("r", at.plus(step))).isNotNull();
        }
        time.at(START.plus(ABSOLUTE));
        assertThat(table.touch("r", START.plus(ABSOLUTE).plus(step))).isNull();
        assertThat(table.takeExpired()).hasSize(1);
    }

    @Test
    void oneThatWasKept_hasTheTimeLeftThatTheClockSays() {
        var now = START.plus(ABSOLUTE).minusSeconds(60);
        time.at(now);
        assertThat(table.takeUp("k", session("r"), now.minusSeconds(5), now)).isTrue();
        time.at(now.plusSeconds(60).minusNanos(1));
        assertThat(table.find("r")).isNotNull();
        time.at(now.plusSeconds(60));
        assertThat(table.find("r")).isNull();
    }

    @Test
    void oneThatWasKeptByAClockThatIsSetBackSince_hasNoMoreThanAllOfItsTime() {
        time.at(START);
        table.takeUp("k", session("r"), START, START.minus(STEP));
        for (var at = START; at.isBefore(START.plus(ABSOLUTE)); at = at.plusSeconds(600)) {
            time.at(at);
            assertThat(table.touch("r", at)).isNotNull();
        }
        time.at(START.plus(ABSOLUTE));
        assertThat(table.find("r")).isNull();
    }

    @Test
    void anotherSidecarsUse_countsFromWhenItWas() {
        table.update("k", session("r"), START, START);
        time.at(START.plusSeconds(100));
        table.update("k", session("r"), START.plusSeconds(40), START.plusSeconds(100));
        time.at(START.plusSeconds(40).plus(IDLE).minusNanos(1));
        assertThat(table.find("r")).isNotNull();
        time.at(START.plusSeconds(40).plus(IDLE));
        assertThat(table.find("r")).isNull();
    }

    @Test
    void anotherSidecarsUse_countsThoughItIsHeardOfLate() {
        table.update("k", session("r"), START, START);
        var late = START.plus(IDLE).plusSeconds(1);
        time.at(late);
        assertThat(table.find("r")).isNull();
        table.update("k", session("r"), START.plus(IDLE).minusSeconds(1), late);
        assertThat(table.find("r")).isNotNull();
    }

    @Test
    void aClockThatIsSetBack_doesNotKeepUsesFromBeingWritten() {
        table.add("k", session("r"));
        var entry = Objects.requireNonNull(table.use("k", START.plus(STEP)));
        assertThat(entry.wantsSaving()).isTrue();
        assertThat(Objects.requireNonNull(table.use("k", START)).wantsSaving()).isTrue();
        assertThat(entry.lastUsed).isEqualTo(START);
        assertThat(entry.wantsSaving()).isFalse();
    }

    private Instant wall(Duration step) {
        return START.plusNanos(time.getAsLong() - nanosAtStart()).plus(step);
    }

    private static long nanosAtStart() {
        var then = new TimeOfCalls();
        then.at(START);
        return then.getAsLong();
    }
}
