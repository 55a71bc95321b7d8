package dev.portcullis.config;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One block of the file while it is read. A reader that finds a problem notes it and hands back a
 * stand-in, so that reading goes on and one run finds everything; {@link ConfigFile} throws the
 * outcome away if anything was noted. Keys that nobody asked for are unknown, and noted too.
 */
final class ConfigNode {
    private static final String BLOCK = "a block of keys";

    private final ConfigSource source;
    private final String path;
    private final Position at;
    private final Map<String, Entry> entries;
    private final Set<String> known = new TreeSet<>();

    /** A key's place, and what it holds. */
    private record Entry(Position key, Node value) {}

    private ConfigNode(ConfigSource source, String path, Position at, Map<String, Entry> entries) {
        this.source = source;
        this.path = path;
        this.at = at;
        this.entries = entries;
    }

    /** Reads the whole file. */
    static <T> T read(ConfigSource source, MappingNode top, Function<ConfigNode, T> parse) {
        var root = new ConfigNode(source, "", Position.START, entries(source, "", top));
        return root.finish(parse);
    }

    /** Reads a block in which nothing stands. Only for one where every key has a default. */
    static <T> T defaults(String path, Function<ConfigNode, T> parse) {
        var findings = new Findings(Path.of(path));
        var source = new ConfigSource(findings, Path.of(""), Map.of(), Instant.EPOCH);
        return new ConfigNode(source, path, Position.START, Map.of()).finish(parse);
    }

    ConfigSource source() {
        return source;
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    boolean isEmptyList(String key) {
        var entry = entries.get(key);
        return entry != null
                && entry.value() instanceof SequenceNode list
                && list.getValue().isEmpty();
    }

    /** A value that must be there. */
    <T> T required(String key, Syntax<T> syntax, T standIn) {
        describe(key, syntax.expected(), "required");
        var entry = entries.get(key);
        if (entry == null) {
            problem(key, "nothing", syntax.expected());
            return standIn;
        }
        return read(path(key), entry.value(), syntax).orElse(standIn);
    }

    /** A value, or the default, which is written as in the file. */
    <T> T value(String key, Syntax<T> syntax, String fallback) {
        describe(key, syntax.expected(), fallback);
        var standIn = syntax.readDefault(fallback);
        var entry = entries.get(key);
        return entry == null ? standIn : read(path(key), entry.value(), syntax).orElse(standIn);
    }

    /** A value, or null where the key is left out. */
    <T> @Nullable T valueIfPresent(String key, Syntax<T> syntax) {
        return valueIfPresent(key, syntax, "none");
    }

    /** A value, or null where the key is left out; then holds what the words say. */
    <T> @Nullable T valueIfPresent(String key, Syntax<T> syntax, String otherwise) {
        describe(key, syntax.expected(), otherwise);
        var entry = entries.get(key);
        return entry == null ? null : read(path(key), entry.value(), syntax).orElse(null);
    }

    /** A list of values, or the default. */
    <T> List<T> values(String key, Syntax<T> syntax, String... fallback) {
        describe(key, "a list; each " + syntax.expected(), List.of(fallback).toString());
        var list = new ArrayList<T>();
        if (!has(key)) {
            List.of(fallback).forEach(text -> list.add(syntax.readDefault(text)));
            return list;
        }
        for (var item : elements(key)) {
            read(path(key), item, syntax)
                    .filter(value -> unlessRepeated(key, item, list, value))
                    .ifPresent(list::add);
        }
        return list;
    }

    private <T> boolean unlessRepeated(String key, Node item, List<T> list, T value) {
        if (list.contains(value)) {
            source.findings().problem(Position.of(item), path(key), "one twice", "each once");
            return false;
        }
        return true;
    }

    /** Free names with values, such as claims; never null, empty when left out. */
    Map<String, String> texts(String key, Syntax<String> name, Syntax<String> value) {
        var expected = "a block; each key " + name.expected() + ", each value " + value.expected();
        describe(key, expected, "{}");
        var texts = new LinkedHashMap<String, String>();
        Optional.ofNullable(entries.get(key))
                .flatMap(entry -> mapping(path(key), entry.value()))
                .map(block -> entries(source, path(key), block))
                .orElse(Map.of())
                .forEach((text, entry) ->
                        text(path(key), text, entry, name, value)
                                .ifPresent(found -> texts.put(text, found)));
        return texts;
    }

    private Optional<String> text(
            String keyPath, String key, Entry entry, Syntax<String> name, Syntax<String> value) {
        if (name.read(key).isEmpty()) {
            var found = Shown.text(key);
            source.findings().problem(entry.key(), keyPath, found, name.expected());
        }
        return read(keyPath + "." + Shown.text(key), entry.value(), value);
    }

    /** A switch that weakens safety, off by default; its name says so. */
    boolean insecure(String key) {
        boolean on = value(key, Syntax.flag(), "false");
        if (on) {
            source.findings().insecure(path(key));
            warn(key, "on; this weakens safety");
        }
        return on;
    }

    /** A block; one that is left out is read as an empty one. */
    <T> T block(String key, Function<ConfigNode, T> parse) {
        known.add(key);
        var entry = entries.get(key);
        if (entry == null) {
            return new ConfigNode(source, path(key), at, Map.of()).finish(parse);
        }
        return node(path(key), entry).finish(parse);
    }

    /** A block, or null where it is left out. */
    <T> @Nullable T blockIfPresent(String key, Function<ConfigNode, T> parse) {
        known.add(key);
        return has(key) ? block(key, parse) : null;
    }

    /** A list of blocks; where {@code shorthand} is given, a single value stands for that key. */
    <T> List<T> blocks(String key, @Nullable String shorthand, Function<ConfigNode, T> parse) {
        known.add(key);
        var list = new ArrayList<T>();
        for (var item : elements(key)) {
            var position = Position.of(item);
            var itemPath = path(key) + "[]";
            var node =
                    item instanceof ScalarNode && shorthand != null
                            ? new ConfigNode(
                                    source,
                                    itemPath,
                                    position,
                                    Map.of(shorthand, new Entry(position, item)))
                            : node(itemPath, new Entry(position, item));
            list.add(node.finish(parse));
        }
        return list;
    }

    /** A key of the design whose function this release does not have: refused, never ignored. */
    void notInThisRelease(String key) {
        known.add(key);
        if (has(key)) {
            problem(
                    key,
                    "a key that is not in this release",
                    "no such key; it would have no effect");
        }
    }

    void problem(String key, String found, String expected) {
        source.findings().problem(position(key), path(key), found, expected);
    }

    void problem(String key, String found, String expected, String suggestion) {
        source.findings().problem(position(key), path(key), found, expected, suggestion);
    }

    void warn(String key, String message) {
        source.findings().warning(position(key), path(key), message);
    }

    /** A problem of the block as a whole. */
    void problem(String found, String expected) {
        source.findings().problem(at, path, found, expected);
    }

    private Position position(String key) {
        var entry = entries.get(key);
        return entry == null ? at : Position.of(entry.value());
    }

    private String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private void describe(String key, String expected, String fallback) {
        known.add(key);
        source.findings().describe(new KeyDescription(path(key), expected, fallback));
    }

    private <T> T finish(Function<ConfigNode, T> parse) {
        var outcome = parse.apply(this);
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                source.findings()
                        .problem(
                                entry.key(),
                                path(Shown.text(key)),
                                "an unknown key",
                                "one of " + String.join(", ", known),
                                Spelling.nearest(key, known).orElse(null));
            }
        });
        return outcome;
    }

    private ConfigNode node(String nodePath, Entry entry) {
        var inner = mapping(nodePath, entry.value()).map(b -> entries(source, nodePath, b));
        return new ConfigNode(source, nodePath, entry.key(), inner.orElse(Map.of()));
    }

    private Optional<MappingNode> mapping(String nodePath, Node node) {
        if (node instanceof MappingNode block) {
            return Optional.of(block);
        }
        if (!isNothing(node)) { // A key with nothing below it is an empty block.
            source.findings().problem(Position.of(node), nodePath, Shown.kind(node), BLOCK);
        }
        return Optional.empty();
    }

    private List<Node> elements(String key) {
        var entry = entries.get(key);
        if (entry == null) {
            return List.of();
        }
        if (entry.value() instanceof SequenceNode list) {
            return list.getValue();
        }
        var found = isNothing(entry.value()) ? "nothing" : Shown.kind(entry.value());
        problem(key, found, "a list");
        return List.of();
    }

    private <T> Optional<T> read(String valuePath, Node node, Syntax<T> syntax) {
        var position = Position.of(node);
        if (!(node instanceof ScalarNode single) || isNothing(node)) {
            var found = isNothing(node) ? "nothing" : Shown.kind(node);
            source.findings().problem(position, valuePath, found, syntax.expected());
            return Optional.empty();
        }
        var written = single.getValue();
        return switch (source.references().resolve(written)) {
            case References.Result.Unresolved(var found, var expected) -> {
                source.findings().problem(position, valuePath, found, expected);
                yield Optional.empty();
            }
            case References.Result.Resolved(var text) -> {
                var value = syntax.read(text);
                if (value.isEmpty()) {
                    var scalar = new Scalar(written, text);
                    source.findings()
                            .problem(
                                    position,
                                    valuePath,
                                    syntax.found(scalar),
                                    syntax.expected(),
                                    syntax.suggestion(scalar));
                }
                yield value;
            }
        };
    }

    private static boolean isNothing(Node node) {
        return node instanceof ScalarNode single
                && single.getScalarStyle() == ScalarStyle.PLAIN
                && Set.of("", "~", "null", "Null", "NULL").contains(single.getValue());
    }

    private static Map<String, Entry> entries(ConfigSource source, String path, MappingNode block) {
        var entries = new LinkedHashMap<String, Entry>();
        for (var pair : block.getValue()) {
            var position = Position.of(pair.getKeyNode());
            if (!(pair.getKeyNode() instanceof ScalarNode name)) {
                source.findings()
                        .problem(
                                position,
                                path,
                                "a key that is " + Shown.kind(pair.getKeyNode()),
                                "a name");
                continue;
            }
            var first =
                    entries.putIfAbsent(name.getValue(), new Entry(position, pair.getValueNode()));
            if (first != null) {
                var keyPath = (path.isEmpty() ? "" : path + ".") + Shown.text(name.getValue());
                var found = "a second time; first on line " + first.key().line();
                source.findings().problem(position, keyPath, found, "each key once");
            }
        }
        return entries;
    }
}
