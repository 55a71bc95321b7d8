package dev.portcullis.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that this user alone may touch. What others may touch already is not repaired but refused:
 * they may have read it.
 */
final class PrivateFiles {
    private static final Set<PosixFilePermission> FOLDER =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");

    private PrivateFiles() {}

    /** Makes the folder, mode 0700, or finds it so. */
    static void folder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            var parent = folder.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(FOLDER));
        }
        expect(folder, FOLDER, "0700");
    }

    /** Makes an empty file, mode 0600, or finds one so. */
    static void file(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(FILE));
        }
        expectFile(file);
    }

    /** Finds a file of mode 0600 or less. */
    static void expectFile(Path file) throws IOException {
        expect(file, FILE, "0600");
    }

    private static void expect(Path path, Set<PosixFilePermission> most, String spelled)
            throws IOException {
        var found = Files.getPosixFilePermissions(path);
        if (!most.containsAll(found)) {
            throw new IOException(
                    "%s: found mode %s (expected: %s, chmod %s)"
                            .formatted(path, mode(path), spelled, spelled));
        }
    }

    private static String mode(Path path) throws IOException {
        return "%04o".formatted((int) Files.getAttribute(path, "unix:mode") & 0777);
    }
}
