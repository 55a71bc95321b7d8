package dev.portcullis.certs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Set;
import java.util.stream.Stream;

/** A folder that only its owner reads: 0700, files 0600, each written whole or not at all. */
final class PemFolder {
    private static final FileAttribute<Set<PosixFilePermission>> OURS_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final Path directory;

    PemFolder(Path directory) throws IOException {
        this.directory = directory;
        var ours = PosixFilePermissions.fromString("rwx------");
        Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(ours));
        Files.setPosixFilePermissions(directory, ours);
    }

    /** Writes one object in the form of RFC 7468. */
    void write(String name, String label, byte[] der) throws IOException {
        var pem =
                "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                        .formatted(label, LINES.encodeToString(der), label);
        // Made readable to nobody else from its first byte on, then moved into place.
        var fresh = Files.createTempFile(directory, name, ".new", OURS_ALONE);
        Files.writeString(fresh, pem, StandardCharsets.US_ASCII);
        Files.move(
                fresh,
                directory.resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    static InputStream open(Path file) throws IOException {
        return Files.newInputStream(file);
    }

    static boolean allPresent(Path... files) {
        return Stream.of(files).allMatch(Files::isRegularFile);
    }
}
