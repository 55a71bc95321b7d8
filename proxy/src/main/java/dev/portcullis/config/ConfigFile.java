package dev.portcullis.config;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/**
 * Reads the configuration file: all of it, strictly, every problem at once. Reaches nothing but the
 * files it names and changes nothing, so that {@code validate} and {@code run} read alike.
 */
public final class ConfigFile {
    private ConfigFile() {}

    /** What became of reading. */
    public sealed interface Result {}

    /**
     * The file is right.
     *
     * @param config every value in range, every file readable
     * @param warnings by position; what an operator should know
     */
    public record Loaded(PortcullisConfig config, List<Warning> warnings) implements Result {
        public Loaded {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * The file is wrong.
     *
     * @param problems by position; at least one
     */
    public record Invalid(List<Problem> problems) implements Result {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }

    /**
     * Where a configuration comes from, and can be read again.
     *
     * @param file at most 1 MiB of YAML in UTF-8; relative paths in it resolve against its folder
     * @param env what {@code ${env:NAME}} and the XDG folders resolve against
     */
    public record Origin(Path file, Map<String, String> env) {
        public Origin {
            env = Map.copyOf(env);
        }
    }

    /**
     * What was read, and from which files.
     *
     * @param files the configuration file and every file it names, as each was right before it was
     *     read
     */
    public record Reading(Result result, Map<Path, FileStamp> files) {
        public Reading {
            files = Map.copyOf(files);
        }
    }

    /** Reads the file. Blocks; never on an event loop. */
    public static Reading read(Origin origin) {
        var findings = new Findings(origin.file());
        var result = load(origin.file(), origin.env(), InstantSource.system(), findings);
        return new Reading(result, findings.files());
    }

    /**
     * Reads the file. Blocks; never on an event loop.
     *
     * @param file at most 1 MiB of YAML in UTF-8; relative paths in it resolve against its folder
     * @param env what {@code ${env:NAME}} and the XDG folders resolve against
     */
    public static Result load(Path file, Map<String, String> env) {
        return load(file, env, InstantSource.system());
    }

    static Result load(Path file, Map<String, String> env, InstantSource clock) {
        return load(file, env, clock, new Findings(file));
    }

    static Result load(Path file, Map<String, String> env, InstantSource clock, Findings findings) {
        var absolute = file.toAbsolutePath();
        var folder = absolute.getParent() == null ? absolute : absolute.getParent();
        var source = new ConfigSource(findings, folder, env, clock.instant());
        findings.reads(absolute);
        return ConfigText.read(file, findings)
                .flatMap(text -> ConfigTree.read(text, findings))
                .map(top -> parse(top, source))
                .orElseGet(() -> new Invalid(findings.problems()));
    }

    private static Result parse(MappingNode top, ConfigSource source) {
        var config = ConfigNode.read(source, top, PortcullisConfig::parse);
        var findings = source.findings();
        var problems = findings.problems();
        return problems.isEmpty() ? new Loaded(config, findings.warnings()) : new Invalid(problems);
    }
}
