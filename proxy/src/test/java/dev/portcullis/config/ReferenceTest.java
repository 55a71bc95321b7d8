package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The example, the schema and the page of keys say what the parser does. */
class ReferenceTest {
    @TempDir Path temp;

    @Test
    void example_loadsAsItIs() throws IOException {
        var files = Reference.prepared(temp);
        var example = Reference.file("config/portcullis.yaml");
        assertThat(files.problems(example)).isEmpty();
        assertThat(files.warnings(example)).isEmpty();
    }

    @Test
    void example_namesEveryKey() throws IOException {
        assertThat(keysSet(Reference.everyKeySet())).containsExactlyInAnyOrderElementsOf(paths());
    }

    @Test
    void exampleWithItsDefaultsWrittenOut_isTheExample() throws IOException {
        var files = Reference.prepared(temp);
        var asItIs = files.loaded(Reference.file("config/portcullis.yaml"));
        var writtenOut = files.loaded(Reference.everyKeyTogether());
        assertThat(writtenOut.limits()).isEqualTo(asItIs.limits());
        assertThat(writtenOut.rateLimits()).isEqualTo(asItIs.rateLimits());
        assertThat(writtenOut.admin()).isEqualTo(asItIs.admin());
        // What clients are asked for has no default worth showing: an example stands there.
        assertThat(writtenOut.tls())
                .usingRecursiveComparison()
                .ignoringFields("clients")
                .isEqualTo(asItIs.tls());
        assertThat(writtenOut.gateway()).isEqualTo(asItIs.gateway());
        assertThat(writtenOut.insecureSettings()).isEmpty();
    }

    @Test
    void pageOfKeys_hasARowForEachKey() throws IOException {
        var rows =
                Reference.keys(temp).stream()
                        .map(k ->
                                "| `%s` | %s | `%s` |"
                                        .formatted(k.path(), k.expected(), k.fallback()))
                        .toList();
        var page = Reference.file("docs/configuration.md").lines().toList();
        var found =
                page.stream()
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.substring(0, line.lastIndexOf(" | ") + 2))
                        .toList();
        assertThat(found).containsExactlyElementsOf(rows);
    }

    @Test
    void schema_hasTheKeysOfTheParser() throws IOException {
        assertThat(schema().keySet()).containsExactlyInAnyOrderElementsOf(paths());
    }

    @Test
    void schema_requiresWhatTheParserRequires() throws IOException {
        var required =
                Reference.keys(temp).stream()
                        .filter(key -> key.fallback().equals("required"))
                        .map(KeyDescription::path)
                        .toList();
        var inSchema =
                schema().entrySet().stream()
                        .filter(Map.Entry::getValue)
                        .map(Map.Entry::getKey)
                        .toList();
        assertThat(inSchema).containsExactlyInAnyOrderElementsOf(required);
    }

    private List<String> paths() throws IOException {
        return Reference.keys(temp).stream().map(KeyDescription::path).toList();
    }

    private static Set<String> keysSet(String yaml) {
        var keys = new TreeSet<String>();
        collect("", new Load(LoadSettings.builder().build()).loadFromString(yaml), keys);
        return keys;
    }

    /** Blocks of free names, such as claims, are one key. */
    private static void collect(String path, Object value, Set<String> keys) {
        boolean free = path.endsWith("parameters") || path.endsWith("required-claims");
        if (value instanceof Map<?, ?> block && !free) {
            block.forEach((key, below) ->
                    collect(path.isEmpty() ? key + "" : path + "." + key, below, keys));
        } else if (value instanceof List<?> list
                && (path.equals("tokens") || path.equals("allow-users"))) {
            list.forEach(item -> collect(path + "[]", item, keys));
        } else if (path.equals("allow-users[]")) {
            keys.add("allow-users[].user"); // The shorthand.
        } else {
            keys.add(path);
        }
    }

    /** Path of each leaf, and whether its block requires it. */
    private static Map<String, Boolean> schema() throws IOException {
        var schema = new TreeMap<String, Boolean>();
        var root =
                new Load(LoadSettings.builder().build())
                        .loadFromString(Reference.file("config/portcullis.schema.json"));
        properties("", (Map<?, ?>) root, schema);
        return schema;
    }

    private static void properties(String path, Map<?, ?> block, Map<String, Boolean> schema) {
        assertThat(block.get("additionalProperties")).as(path).isEqualTo(false);
        var required = block.get("required") instanceof List<?> list ? list : List.of();
        ((Map<?, ?>) block.get("properties"))
                .forEach((key, value) -> {
                    var below = path.isEmpty() ? "" + key : path + "." + key;
                    property(below, (Map<?, ?>) value, required.contains(key), schema);
                });
    }

    private static void property(
            String path, Map<?, ?> value, boolean required, Map<String, Boolean> schema) {
        if (value.containsKey("properties")) {
            properties(path, value, schema);
        } else if (value.get("items") instanceof Map<?, ?> items && block(items) != null) {
            properties(path + "[]", block(items), schema);
        } else {
            schema.put(path, required);
        }
    }

    /** The block form of an element, which may have a shorthand beside it. */
    private static Map<?, ?> block(Map<?, ?> items) {
        if (items.containsKey("properties")) {
            return items;
        }
        return items.get("anyOf") instanceof List<?> forms
                ? forms.stream()
                        .map(Map.class::cast)
                        .filter(form -> form.containsKey("properties"))
                        .findFirst()
                        .orElseThrow()
                : null;
    }
}
