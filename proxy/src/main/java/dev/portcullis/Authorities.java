package dev.portcullis;

import dev.portcullis.config.ClientCredential;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.runtime.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Hashes of the files that providers are spoken to with, so that a reload notices one that was
 * replaced: whom we trust, and what proves us.
 */
final class Authorities {
    private Authorities() {}

    /** A hash of each by its path: one of them may be a private key. */
    static Map<String, String> read(PortcullisConfig config) throws IOException {
        var contents = new TreeMap<String, String>();
        for (var file : files(config)) {
            contents.put(file.toString(), hash(Files.readAllBytes(file)));
        }
        return Map.copyOf(contents);
    }

    private static String hash(byte[] content) {
        return HexFormat.of().formatHex(Sha256.of(content));
    }

    private static Set<Path> files(PortcullisConfig config) {
        var files = new LinkedHashSet<Path>();
        var signIn = config.signIn();
        if (signIn != null) {
            add(files, signIn.ca());
            switch (signIn.credential()) {
                case ClientCredential.SigningKey(var key, _, _) -> add(files, key);
                case ClientCredential.Certificate(var certificate, var key) -> {
                    add(files, certificate);
                    add(files, key);
                }
                case ClientCredential.None _, ClientCredential.SharedSecret _ -> {}
            }
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
