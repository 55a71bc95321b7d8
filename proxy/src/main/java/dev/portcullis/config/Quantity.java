package dev.portcullis.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers with a unit: {@code 30m}, {@code 16KiB}. No number goes without one, none is guessed. */
final class Quantity {
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,14}");
    private static final Pattern WITH_UNIT = Pattern.compile("(0|[1-9][0-9]{0,14})([A-Za-z]+)");
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final Map<String, Long> BYTES =
            Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);

    private static final Pattern LIKELY_SIZE =
            Pattern.compile("([1-9][0-9]{0,14}) *([kKmMgGtT])[bB]?");
    private static final Pattern LIKELY_DURATION =
            Pattern.compile("([1-9][0-9]{0,14}) *([smhd])(?:ecs?|econds?|ins?|inutes?|ours?|ays?)");

    private Quantity() {}

    static Optional<Long> whole(String text, long least, long most) {
        return Optional.of(text)
                .filter(NUMBER.asMatchPredicate())
                .map(Long::valueOf)
                .filter(number -> number >= least && number <= most);
    }

    static Function<String, Optional<Duration>> duration(String least, String most) {
        var within = between(MILLIS, least, most);
        return text -> within.apply(text).map(Duration::ofMillis);
    }

    static Function<String, Optional<Long>> size(String least, String most) {
        return between(BYTES, least, most);
    }

    private static Function<String, Optional<Long>> between(
            Map<String, Long> units, String least, String most) {
        long from = amount(units, least).orElseThrow();
        long to = amount(units, most).orElseThrow();
        return text -> amount(units, text).filter(amount -> amount >= from && amount <= to);
    }

    private static Optional<Long> amount(Map<String, Long> units, String text) {
        var matcher = WITH_UNIT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var unit = units.get(matcher.group(2));
        try {
            return Optional.ofNullable(unit)
                    .map(factor -> Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
        } catch (ArithmeticException _) {
            return Optional.empty(); // Beyond what a long holds, hence beyond any range.
        }
    }

    /** {@code 16KB} is likely {@code 16KiB}. */
    static @Nullable String likelySize(String text) {
        var matcher = LIKELY_SIZE.matcher(text);
        return matcher.matches()
                ? matcher.group(1) + matcher.group(2).toUpperCase(Locale.ROOT) + "iB"
                : null;
    }

    /** {@code 30 minutes} is likely {@code 30m}. */
    static @Nullable String likelyDuration(String text) {
        var matcher = LIKELY_DURATION.matcher(text);
        return matcher.matches() ? matcher.group(1) + matcher.group(2) : null;
    }
}
