package dev.portcullis.state;

import com.sun.security.auth.module.UnixSystem;
import dev.portcullis.identity.ServiceToken;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The service tokens on disk: one line each, without their secrets, in a file of mode 0600 that is
 * replaced as a whole. The sidecar reads it, the {@code service-token} command writes it, and
 * neither waits for the other.
 *
 * <pre>{@code ID SHA-256 CREATED UNTIL NAME}, where {@code UNTIL} is {@code -} for never</pre>
 */
public final class ServiceTokenFile {
    /** More than this is a mistake. */
    private static final long BYTES_MAX = 4L * 1024 * 1024;

    private static final String FILE = "service-tokens";
    private static final String NEVER = "-";
    private static final int COLUMNS = 5;
    private static final Set<PosixFilePermission> OURS =
            PosixFilePermissions.fromString("rw-------");

    private final Path folder;
    private final Path file;

    /**
     * @param directory {@code state.directory}
     */
    public ServiceTokenFile(Path directory) {
        this.folder = directory;
        this.file = directory.resolve(FILE);
    }

    /** Where it is. */
    public Path path() {
        return file;
    }

    /**
     * All there are; none where the file is not there.
     *
     * @throws IOException names the line, if the file is not exactly what we write, or others may
     *     read or write it
     */
    public List<ServiceToken> read() throws IOException {
        try {
            var mode = Files.getPosixFilePermissions(file);
            if (!OURS.containsAll(mode)) {
                throw new IOException(
                        file
                                + ": mode "
                                + PosixFilePermissions.toString(mode)
                                + " (expected: rw-------)");
            }
            if (Files.size(file) > BYTES_MAX) {
                throw new IOException(file + ": larger than 4 MiB (expected: a list of tokens)");
            }
            return parse(Files.readAllLines(file, StandardCharsets.US_ASCII));
        } catch (NoSuchFileException _) {
            return List.of();
        }
    }

    private List<ServiceToken> parse(List<String> lines) throws IOException {
        var tokens = new ArrayList<ServiceToken>(lines.size());
        var ids = new HashSet<String>();
        for (int i = 0; i < lines.size(); i++) {
            var token = token(lines.get(i));
            if (token == null || !ids.add(token.id())) {
                throw new IOException(
                        file + ":" + (i + 1) + ": not a service token, or one that stands above");
            }
            tokens.add(token);
        }
        return List.copyOf(tokens);
    }

    private static @Nullable ServiceToken token(String line) {
        var columns = line.split(" ", -1);
        if (columns.length != COLUMNS) {
            return null;
        }
        try {
            var until = columns[3].equals(NEVER) ? null : Instant.parse(columns[3]);
            return new ServiceToken(
                    columns[0], columns[4], columns[1], Instant.parse(columns[2]), until);
        } catch (IllegalArgumentException | DateTimeException _) {
            return null;
        }
    }

    /**
     * Replaces the list by what the change makes of it, while nobody else can.
     *
     * @return the new list
     */
    public List<ServiceToken> change(UnaryOperator<List<ServiceToken>> change) throws IOException {
        Files.createDirectories(folder, mode("rwx------"));
        expectOurs(folder, new UnixSystem().getUid());
        try (var channel = lockFile();
                var _ = channel.lock()) {
            var after = List.copyOf(change.apply(read()));
            var lines = String.join("", after.stream().map(ServiceTokenFile::line).toList());
            PrivateFiles.write(file, lines);
            return after;
        }
    }

    /**
     * What root writes for another is nothing that he can read, and giving it away is not safe:
     * whoever has the folder can have a link in its place.
     */
    static void expectOurs(Path folder, long user) throws IOException {
        if (((Number) Files.getAttribute(folder, "unix:uid")).longValue() != user) {
            var owner = Files.getOwner(folder);
            throw new IOException(
                    "%s: found a folder of %s, and we are user %d (expected: to be run as %s)"
                            .formatted(folder, owner, user, owner));
        }
    }

    /** Stays when the list is replaced, so that all who change it meet at one file. */
    private FileChannel lockFile() throws IOException {
        var lock = folder.resolve(FILE + ".lock");
        if (Files.isSymbolicLink(lock)) {
            throw new IOException(lock + ": found a link (expected: a file, or nothing)");
        }
        try {
            return FileChannel.open(
                    lock,
                    Set.of(
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS),
                    mode("rw-------"));
        } catch (AccessDeniedException notOurs) {
            throw notOurs(lock, Files.getOwner(folder));
        }
    }

    static IOException notOurs(Path lock, UserPrincipal expected) throws IOException {
        return new IOException(
                "%s: found a file of %s that we may not write (expected: one of %s, chown %s)"
                        .formatted(lock, Files.getOwner(lock), expected, expected));
    }

    private static String line(ServiceToken token) {
        var until = token.until();
        return String.join(
                        " ",
                        token.id(),
                        token.secretHash(),
                        token.createdAt().toString(),
                        until == null ? NEVER : until.toString(),
                        token.name())
                + "\n";
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }
}
