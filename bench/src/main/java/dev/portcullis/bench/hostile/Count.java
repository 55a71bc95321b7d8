package dev.portcullis.bench.hostile;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What came of a crowd, kind by kind. Written on the loop, read when it is over. */
final class Count {
    /** Of those who had to shake hands, so many may have been cut before. */
    private static final double SHAKEN_MIN = 0.99;

    private final Map<Kind, Integer> due = new EnumMap<>(Kind.class);
    private final Map<Kind, Integer> opened = new EnumMap<>(Kind.class);
    private final Map<Kind, Integer> shaken = new EnumMap<>(Kind.class);

    Count(Mix mix) {
        for (int i = 0; i < mix.connections(); i++) {
            due.merge(mix.kind(i), 1, Integer::sum);
        }
    }

    /** The proxy's kernel took it. */
    void opened(Kind kind) {
        opened.merge(kind, 1, Integer::sum);
    }

    /** The proxy did its part of a handshake. */
    void shaken(Kind kind) {
        shaken.merge(kind, 1, Integer::sum);
    }

    int shaken() {
        return shaken.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Whether each kind came in the number that was meant, and got as far as it was to get. */
    boolean isWhole() {
        return due.entrySet().stream()
                .allMatch(each -> {
                    var kind = each.getKey();
                    int wanted = each.getValue();
                    return opened.getOrDefault(kind, 0) == wanted
                            && (!kind.shakesHands()
                                    || shaken.getOrDefault(kind, 0) >= SHAKEN_MIN * wanted);
                });
    }

    @Override
    public String toString() {
        var parts = new ArrayList<String>();
        due.forEach((kind, wanted) -> {
            var name = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            var hands =
                    kind.shakesHands()
                            ? ", %,d shook hands".formatted(shaken.getOrDefault(kind, 0))
                            : "";
            parts.add(
                    "%s %,d of %,d%s".formatted(name, opened.getOrDefault(kind, 0), wanted, hands));
        });
        return String.join("; ", parts);
    }
}
