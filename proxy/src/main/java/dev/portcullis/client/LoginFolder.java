package dev.portcullis.client;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The logins of one person: a file each, of mode 0600 in a folder of mode 0700, replaced as a
 * whole, so that a reader needs no lock; whoever changes one holds its lock.
 */
final class LoginFolder {
    private static final String ENDING = ".login";
    private static final Set<PosixFilePermission> OURS =
            PosixFilePermissions.fromString("rw-------");

    private final Path folder;

    LoginFolder(Path folder) {
        this.folder = folder;
    }

    /** {@code $XDG_STATE_HOME/portcullis/logins}, of the XDG Base Directory Specification. */
    static LoginFolder of(Map<String, String> env) {
        var named = env.getOrDefault("XDG_STATE_HOME", "");
        var home = env.getOrDefault("HOME", System.getProperty("user.home", "/"));
        var state = named.startsWith("/") ? Path.of(named) : Path.of(home, ".local", "state");
        return new LoginFolder(state.resolve("portcullis").resolve("logins"));
    }

    Optional<Login> find(URI door) throws IOException {
        return read(file(door));
    }

    List<Login> all() throws IOException {
        var all = new ArrayList<Login>();
        if (Files.isDirectory(folder)) {
            try (var files = Files.newDirectoryStream(folder, "*" + ENDING)) {
                for (var file : files) {
                    read(file).ifPresent(all::add);
                }
            }
        }
        return all;
    }

    private static Optional<Login> read(Path file) throws IOException {
        try {
            var mode = Files.getPosixFilePermissions(file);
            if (!OURS.containsAll(mode)) {
                throw new IOException(
                        "%s: mode %s (expected: rw-------)"
                                .formatted(file, PosixFilePermissions.toString(mode)));
            }
            var login = Login.read(Files.readString(file));
            if (login == null) {
                throw new IOException(file + ": not a login of ours (expected: one)");
            }
            return Optional.of(login);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /** What one holder of the lock does. */
    @FunctionalInterface
    interface Work<T> {
        T done() throws IOException, InterruptedException;
    }

    /** Does it while no other process changes that login. */
    <T> T locked(URI door, Work<T> work) throws IOException, InterruptedException {
        Files.createDirectories(folder, mode("rwx------"));
        var lock = folder.resolve(name(door) + ".lock");
        var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try (var channel = FileChannel.open(lock, options, mode("rw-------"));
                var _ = channel.lock()) {
            return work.done();
        }
    }

    /** Call it with the lock. */
    void write(Login login) throws IOException {
        var aside = Files.createTempFile(folder, name(login.door()), ".new", mode("rw-------"));
        try {
            try (var out = FileChannel.open(aside, StandardOpenOption.WRITE)) {
                out.write(StandardCharsets.UTF_8.encode(login.json()));
                out.force(true);
            }
            var to = file(login.door());
            Files.move(
                    aside, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /** Call it with the lock. */
    void delete(URI door) throws IOException {
        Files.deleteIfExists(file(door));
    }

    private Path file(URI door) {
        return folder.resolve(name(door) + ENDING);
    }

    private static String name(URI door) {
        var authority = door.getRawAuthority().toLowerCase(Locale.ROOT);
        return authority.replaceAll("[^a-z0-9.-]", "_");
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }
}
