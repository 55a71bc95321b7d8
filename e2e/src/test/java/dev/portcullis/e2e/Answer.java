package dev.portcullis.e2e;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One HTTP answer as it came over the wire.
 *
 * @param fields by lower-case name, every value in order
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, compared never.
record Answer(int status, Map<String, List<String>> fields, byte[] body) {
    /** The only value of that field. */
    Optional<String> field(String name) {
        var values = fields.getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw new AssertionError(name + ": " + values + " (expected: one value at most)");
        }
        return values.stream().findFirst();
    }

    /** The cookies it sets, {@code name=value} without the attributes. */
    List<String> cookies() {
        return fields.getOrDefault("set-cookie", List.of()).stream()
                .map(line -> line.substring(0, (line + ";").indexOf(';')))
                .toList();
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return status + " " + fields + "\n" + text();
    }
}
