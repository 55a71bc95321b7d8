package dev.portcullis.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LimitsConfig;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class LimitTest {
    @Test
    void everyLimitOfTheConfiguration_isAMetric() {
        assertThat(Limit.values())
                .extracting(Limit::label)
                .containsAll(
                        Arrays.stream(LimitsConfig.class.getRecordComponents())
                                .map(LimitTest::key)
                                .toList());
    }

    @Test
    void everyMetric_isALimitOfTheConfiguration() {
        var keys =
                Arrays.stream(LimitsConfig.class.getRecordComponents())
                        .map(LimitTest::key)
                        .toList();
        assertThat(Limit.values())
                .extracting(Limit::label)
                .filteredOn(label -> !label.startsWith("rate-"))
                .isSubsetOf(keys);
    }

    private static String key(RecordComponent limit) {
        return limit.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
