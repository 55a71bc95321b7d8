package dev.portcullis.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;

/** The files that operators read, and the keys that the parser asks for, to be held together. */
final class Reference {
    /** Commented-out settings: {@code #key: value} anywhere, and blocks at the left margin. */
    private static final Pattern OPTIONAL = Pattern.compile("(?m)^( *)#(?=[a-z])|^#(?=  )");

    /** Ways to prove the client that exclude the one the example takes. */
    private static final Pattern OTHER_WAYS =
            Pattern.compile("(?m)^  client-(?:key|key-id|assertion-audience|certificate.*):.*\\n");

    private Reference() {}

    static String file(String path) throws IOException {
        return Files.readString(Path.of("..").resolve(path));
    }

    static String everyKeySet() throws IOException {
        return OPTIONAL.matcher(file("config/portcullis.yaml")).replaceAll("$1");
    }

    /** Every key but those that cannot stand together. */
    static String everyKeyTogether() throws IOException {
        return OTHER_WAYS.matcher(everyKeySet()).replaceAll("");
    }

    /** A folder as the example expects it. */
    static ConfigFolder prepared(Path temp) throws IOException {
        var files = new ConfigFolder(temp);
        Files.createDirectories(temp.resolve("secrets"));
        files.key("secrets/gateway-user-header", ConfigFolder.HEADER + "\n");
        files.key("secrets/oidc-client-secret", "correct horse battery staple\n");
        files.key("state-keys", "1 " + "A".repeat(43) + "=\n");
        files.key("secrets/redis-password", "correct horse battery staple\n");
        files.write("redis-ca.crt", Files.readString(temp.resolve("tls.crt")));
        files.write("idp-ca.crt", Files.readString(temp.resolve("tls.crt")));
        ClientFiles.write(files);
        files.env.put("STATE_DIRECTORY", temp.resolve("state").toString());
        files.env.put("LOGS_DIRECTORY", temp.resolve("log").toString());
        return files;
    }

    /** Every key that the parser asks for when all blocks are there. */
    static List<KeyDescription> keys(Path temp) throws IOException {
        var files = prepared(temp);
        var file = files.write("every.yaml", everyKeyTogether());
        var findings = new Findings(file);
        var clock = InstantSource.fixed(ConfigFolder.NOW);
        if (ConfigFile.load(file, files.env, clock, findings)
                instanceof ConfigFile.Invalid(var problems)) {
            throw new AssertionError("every key set: " + problems);
        }
        return findings.keys();
    }
}
