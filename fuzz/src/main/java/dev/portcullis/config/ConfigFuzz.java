package dev.portcullis.config;

import dev.portcullis.fuzz.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The configuration file: any bytes come to a configuration, or to problems with their places. */
public final class ConfigFuzz {
    private static final Path FILE = file();

    private ConfigFuzz() {}

    private static Path file() {
        try {
            var file = Files.createTempFile("portcullis-fuzz", ".yaml");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException noFolder) {
            throw new IllegalStateException(noFolder);
        }
    }

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Files.write(FILE, input);
        switch (ConfigFile.load(FILE, Map.of())) {
            case ConfigFile.Loaded(var config, _) ->
                    Finding.unless(!config.allowUsers().isEmpty(), "loaded, and nobody may enter");
            case ConfigFile.Invalid(var problems) -> {
                Finding.unless(!problems.isEmpty(), "refused, and nothing said why");
                for (var problem : problems) {
                    var line = problem.toString();
                    Finding.unless(
                            line.chars().noneMatch(c -> c < ' ' || c == 0x7F),
                            "a control character in a message");
                }
            }
        }
    }
}
