package dev.portcullis.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What reading one file brings to light: everything wrong at once, warnings, and the keys read. */
final class Findings {
    private final Path file;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Warning> warnings = new ArrayList<>();
    private final List<String> insecureSettings = new ArrayList<>();
    private final Map<String, KeyDescription> keys = new LinkedHashMap<>();

    private final Map<Path, FileStamp> files = new LinkedHashMap<>();

    Findings(Path file) {
        this.file = file;
    }

    void problem(Position at, String key, String found, String expected) {
        problem(at, key, found, expected, null);
    }

    void problem(
            Position at, String key, String found, String expected, @Nullable String suggestion) {
        problems.add(new Problem(file, at.line(), at.column(), key, found, expected, suggestion));
    }

    void warning(Position at, String key, String message) {
        warnings.add(new Warning(file, at.line(), at.column(), key, message));
    }

    void insecure(String key) {
        insecureSettings.add(key);
    }

    void describe(KeyDescription key) {
        keys.putIfAbsent(key.path(), key);
    }

    /** By position; empty if the file is right. */
    List<Problem> problems() {
        return problems.stream().distinct().sorted(Problem.BY_POSITION).toList();
    }

    List<Warning> warnings() {
        return warnings.stream().distinct().sorted(Warning.BY_POSITION).toList();
    }

    /** Paths of the settings that weaken safety and are on. */
    List<String> insecureSettings() {
        return List.copyOf(insecureSettings);
    }

    /** That file is about to be read. */
    void reads(Path named) {
        files.putIfAbsent(named, FileStamp.of(named));
    }

    /** Every file that was read, as it was right before. */
    Map<Path, FileStamp> files() {
        return Map.copyOf(files);
    }

    /** Every key that the parser asked for, in the order of asking. */
    List<KeyDescription> keys() {
        return List.copyOf(keys.values());
    }
}
