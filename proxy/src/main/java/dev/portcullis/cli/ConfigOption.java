package dev.portcullis.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the configuration file is; mixed into every command that needs it. */
final class ConfigOption {
    private static final String VARIABLE = "PORTCULLIS_CONFIG";
    private static final Path USUAL = Path.of("/etc/portcullis/portcullis.yaml");

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = {
                "The configuration file.",
                "Otherwise what PORTCULLIS_CONFIG names, or /etc/portcullis/portcullis.yaml."
            })
    @Nullable Path given;

    Path file(Map<String, String> env) {
        if (given != null) {
            return given;
        }
        var named = env.get(VARIABLE);
        return named == null || named.isEmpty() ? USUAL : Path.of(named);
    }
}
