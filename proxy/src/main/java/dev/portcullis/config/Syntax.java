package dev.portcullis.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one kind of value is written: what is accepted, and the words that tell what would be.
 *
 * @param expected completes "expected:"; names unit and range
 * @param secret whether a refused value must not be shown
 * @param reader the value, or empty to refuse
 * @param fault why a value is refused where that is more than its form, or null
 * @param hint what was probably meant by a refused value, or null
 */
record Syntax<T>(
        String expected,
        boolean secret,
        Function<String, Optional<T>> reader,
        Function<String, @Nullable String> fault,
        Function<String, @Nullable String> hint) {

    static <T> Syntax<T> of(String expected, Function<String, Optional<T>> reader) {
        return new Syntax<>(expected, false, reader, _ -> null, _ -> null);
    }

    Syntax<T> hidden() {
        return new Syntax<>(expected, true, reader, _ -> null, _ -> null);
    }

    Syntax<T> explaining(Function<String, @Nullable String> why) {
        return new Syntax<>(expected, secret, reader, why, hint);
    }

    Syntax<T> hinting(Function<String, @Nullable String> suggestion) {
        return new Syntax<>(expected, secret, reader, fault, suggestion);
    }

    Optional<T> read(String text) {
        return reader.apply(text);
    }

    /** Reads a default of ours; one that is refused is a bug. */
    T readDefault(String text) {
        return read(text)
                .orElseThrow(() -> new IllegalStateException("default refused: " + expected));
    }

    /** What a problem says of a refused value. */
    String found(Scalar scalar) {
        if (secret) {
            return "a value that is not shown";
        }
        var why = fault.apply(scalar.text());
        return Shown.text(scalar.written()) + (why == null ? "" : ": " + why);
    }

    /** Only where the text is as written: nothing that was resolved may show. */
    @Nullable String suggestion(Scalar scalar) {
        return scalar.text().equals(scalar.written()) ? hint.apply(scalar.text()) : null;
    }

    static Syntax<Boolean> flag() {
        return Syntax.<Boolean>of(
                "true or false",
                text ->
                        switch (text) {
                            case "true" -> Optional.of(true);
                            case "false" -> Optional.of(false);
                            default -> Optional.empty();
                        });
    }

    static Syntax<Integer> number(int least, int most) {
        return of(
                "a whole number from %d to %d".formatted(least, most),
                text -> Quantity.whole(text, least, most).map(Long::intValue));
    }

    /** Bounds as they are written in the file. */
    static Syntax<Duration> duration(String least, String most) {
        return of(
                        "a duration from %s to %s, with its unit: ms, s, m, h or d"
                                .formatted(least, most),
                        Quantity.duration(least, most))
                .hinting(Quantity::likelyDuration);
    }

    /** Bounds as they are written in the file. */
    static Syntax<Long> size(String least, String most) {
        return of(
                        "a size from %s to %s, with its unit: B, KiB, MiB, GiB or TiB"
                                .formatted(least, most),
                        Quantity.size(least, most))
                .hinting(Quantity::likelySize);
    }

    static Syntax<Integer> percent(int least, int most) {
        return of(
                "a whole number of percent from %d%% to %d%%".formatted(least, most),
                text ->
                        text.endsWith("%")
                                ? Quantity.whole(text.substring(0, text.length() - 1), least, most)
                                        .map(Long::intValue)
                                : Optional.empty());
    }

    static Syntax<Integer> rate(int least, int most) {
        return of(
                "a rate from %d/s to %d/s, with its unit".formatted(least, most),
                text ->
                        text.endsWith("/s")
                                ? Quantity.whole(text.substring(0, text.length() - 2), least, most)
                                        .map(Long::intValue)
                                : Optional.empty());
    }

    /** Bounds as they are written in the file, without {@code /s}. */
    static Syntax<Long> byteRate(String least, String most) {
        var amount = Quantity.size(least, most);
        return of(
                "a rate from %s/s to %s/s, with its unit".formatted(least, most),
                text ->
                        text.endsWith("/s")
                                ? amount.apply(text.substring(0, text.length() - 2))
                                : Optional.empty());
    }

    /** Text that fits the pattern as a whole. */
    static Syntax<String> text(String expected, Pattern pattern) {
        return text(expected, pattern.asMatchPredicate());
    }

    static Syntax<String> text(String expected, Predicate<String> accepts) {
        return of(expected, text -> Optional.of(text).filter(accepts));
    }

    /** Printable ASCII without blanks at the ends. */
    static Syntax<String> line(String what, int charactersMax) {
        return text(
                "%s: 1 to %d printable ASCII characters".formatted(what, charactersMax),
                text ->
                        !text.isEmpty()
                                && text.length() <= charactersMax
                                && text.equals(text.strip())
                                && text.chars().allMatch(c -> c >= ' ' && c < 0x7F));
    }

    /** One of a few words. */
    static Syntax<String> word(String... words) {
        var known = List.of(words);
        return text(String.join(" or ", words), known::contains)
                .hinting(text -> Spelling.nearest(text, known).orElse(null));
    }

    /** One of the values of an enum, by the name it has in the file. */
    static <E extends Enum<E>> Syntax<E> choice(E[] values, Function<E, String> name) {
        var known = Arrays.stream(values).map(name).toList();
        Function<String, Optional<E>> reader =
                text -> Arrays.stream(values).filter(v -> name.apply(v).equals(text)).findFirst();
        return of(String.join(" or ", known), reader)
                .hinting(text -> Spelling.nearest(text, known).orElse(null));
    }
}
