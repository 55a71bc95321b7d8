package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamHistoryTest {
    private final StreamHistory history = new StreamHistory(128);

    @Test
    void streamsPassedOver_wereNeverOpened() {
        history.open(1);
        history.open(7);
        assertThat(history.wasOpened(1)).isTrue();
        assertThat(history.wasOpened(3)).isFalse();
        assertThat(history.wasOpened(7)).isTrue();
        assertThat(history.isNew(7)).isFalse();
        assertThat(history.isNew(9)).isTrue();
    }

    @Test
    void streamsOfLongAgo_areForgottenAndNotTakenForOthers() {
        history.open(1);
        history.open(3 + 2 * 512);
        assertThat(history.wasOpened(1)).isFalse();
        assertThat(history.wasOpened(1 + 2 * 512)).as("in the place of the first").isFalse();
        history.open(Integer.MAX_VALUE);
        assertThat(history.wasOpened(Integer.MAX_VALUE)).isTrue();
        assertThat(history.wasOpened(Integer.MAX_VALUE - 2)).isFalse();
    }

    @Test
    void resets_areRememberedInTheirOrder() {
        history.resetByUs(9_999);
        history.resetByClient(1);
        for (int stream = 3; stream < 3 + 2 * 254; stream += 2) {
            history.resetByUs(stream);
        }
        assertThat(history.wasResetByUs(9_999)).isTrue();
        assertThat(history.wasResetByUs(1)).isFalse();
        assertThat(history.wasResetByClient(1)).isTrue();
        history.resetByUs(511);
        assertThat(history.wasResetByUs(9_999)).as("one too many").isFalse();
        assertThat(history.wasResetByClient(1)).isTrue();
    }
}
