package dev.portcullis;

import dev.portcullis.config.PortcullisConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the {@code ca} files of providers hold, so that a reload notices one that was replaced. */
final class Authorities {
    private Authorities() {}

    /** By path. */
    static Map<String, String> read(PortcullisConfig config) throws IOException {
        var contents = new TreeMap<String, String>();
        for (var file : files(config)) {
            contents.put(file.toString(), Files.readString(file));
        }
        return Map.copyOf(contents);
    }

    private static Set<Path> files(PortcullisConfig config) {
        var files = new LinkedHashSet<Path>();
        var signIn = config.signIn();
        if (signIn != null) {
            add(files, signIn.ca());
        }
        config.tokens().forEach(issuer -> add(files, issuer.ca()));
        return files;
    }

    private static void add(Set<Path> files, @Nullable Path file) {
        if (file != null) {
            files.add(file);
        }
    }
}
