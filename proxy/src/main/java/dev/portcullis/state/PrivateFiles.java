package dev.portcullis.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

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
        if (!isThere(folder)) {
            var parent = folder.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(FOLDER));
        }
        expect(folder, FOLDER, "0700");
    }

    /**
     * Whether something is there, or there is room for it.
     *
     * @throws IOException for a link that leads nowhere: what it is for is missing, not to be made
     *     anew
     */
    static boolean isThere(Path path) throws IOException {
        if (Files.exists(path)) {
            return true;
        }
        if (Files.isSymbolicLink(path)) {
            throw new IOException(
                    path
                            + ": found a link to what is not there (expected: what it leads to, or"
                            + " nothing)");
        }
        return false;
    }

    /** Makes an empty file, mode 0600, or finds one so. */
    static void file(Path file) throws IOException {
        if (!isThere(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(FILE));
        }
        expectFile(file);
    }

    /**
     * Writes a file of mode 0600 aside, and renames it when it is on the disk: whoever reads it,
     * and whoever starts after a power cut, finds all of it or what was there before.
     */
    static void write(Path file, String ascii) throws IOException {
        var folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        var aside = folder.resolve(file.getFileName() + "." + UUID.randomUUID() + ".new");
        var made =
                FileChannel.open(
                        aside,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(FILE));
        try {
            try (var out = made) {
                var bytes = StandardCharsets.US_ASCII.encode(ascii);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(
                    aside,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            try (var names = FileChannel.open(folder, StandardOpenOption.READ)) {
                names.force(true);
            }
        } finally {
            Files.deleteIfExists(aside);
        }
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
