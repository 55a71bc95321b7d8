package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionTableTest {
    private final SessionTable table = new SessionTable(3);

    @Test
    void anAnswerThatWasOvertaken_doesNotBringTheOlderVersionBack() {
        var older = SessionStoreContract.session("r");
        var newer = older.refreshed(older.user(), Set.of("dev"), null, null);
        table.update("k", older, SessionStoreContract.START);
        table.update("k", newer, SessionStoreContract.START);
        var later = SessionStoreContract.START.plusSeconds(1);
        var entry = Objects.requireNonNull(table.update("k", older, later));
        assertThat(entry.session).isEqualTo(newer);
        assertThat(entry.lastUsed).isEqualTo(later);
    }

    @Test
    void howLongOneIsUnanswered_countsFromTheFirstTimeSinceTheLastAnswer() {
        var entry =
                Objects.requireNonNull(
                        table.update(
                                "k",
                                SessionStoreContract.session("r"),
                                SessionStoreContract.START));
        assertThat(entry.unansweredFor(5)).isZero();
        assertThat(entry.unansweredFor(7)).isEqualTo(Duration.ofNanos(2));
        entry.checkedAt(8);
        assertThat(entry.unansweredFor(9)).isZero();
    }
}
