package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "20s,PT20S", "30m,PT30M", "12h,PT12H", "7d,P7D", "0s,PT0S"})
    void durationWithAUnit_isRead(String text, Duration duration) {
        assertThat(Syntax.duration("0s", "7d").read(text)).contains(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "30",
                "m",
                "",
                "30M",
                "30 m",
                " 30m",
                "-1s",
                "+1s",
                "1.5h",
                "1e3s",
                "030s",
                "1h30m",
                "30min",
                "PT30M",
                "8d",
                "604800001ms",
                "999999999999999d",
                "9999999999999999s"
            })
    void durationWithoutAUnitOrOutOfRange_isRefused(String text) {
        assertThat(Syntax.duration("0s", "7d").read(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1024B,1024",
        "16KiB,16384",
        "128MiB,134217728",
        "1GiB,1073741824",
        "1TiB,1099511627776"
    })
    void sizeWithAUnit_isRead(String text, long bytes) {
        assertThat(Syntax.size("1KiB", "1TiB").read(text)).contains(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"16", "16K", "16KB", "16kib", "1023B", "2TiB", "1.5KiB", "-1KiB", "1 KiB"})
    void sizeWithoutAUnitOrOutOfRange_isRefused(String text) {
        assertThat(Syntax.size("1KiB", "1TiB").read(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"50", "50/m", "/s", "0/s", "101/s", "50 /s", "5.0/s", "50/S"})
    void rateWithoutItsUnitOrOutOfRange_isRefused(String text) {
        assertThat(Syntax.rate(1, 100).read(text)).isEmpty();
    }

    @Test
    void rate_isRead() {
        assertThat(Syntax.rate(1, 100).read("50/s")).contains(50);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "7", "257", "0x10", "1_0", "08", "8.0", "+8", "99999999999999999999"})
    void numberOutOfRangeOrOddlyWritten_isRefused(String text) {
        assertThat(Syntax.number(8, 256).read(text)).isEmpty();
    }

    @Test
    void likelySpellings_areSuggested() {
        assertThat(Quantity.likelySize("16KB")).isEqualTo("16KiB");
        assertThat(Quantity.likelySize("16m")).isEqualTo("16MiB");
        assertThat(Quantity.likelySize("lots")).isNull();
        assertThat(Quantity.likelyDuration("30 minutes")).isEqualTo("30m");
        assertThat(Quantity.likelyDuration("2hours")).isEqualTo("2h");
        assertThat(Quantity.likelyDuration("30")).isNull();
    }

    @Test
    void spelling_findsTheNearestKeyAndNothingFar() {
        var keys = java.util.List.of("client-id", "client-secret", "idle");
        assertThat(Spelling.nearest("client-sercet", keys)).contains("client-secret");
        assertThat(Spelling.nearest("clientid", keys)).contains("client-id");
        assertThat(Spelling.nearest("zebra", keys)).isEmpty();
        assertThat(Spelling.nearest("i".repeat(10_000), keys)).isEmpty();
    }
}
