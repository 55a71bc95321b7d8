package dev.portcullis.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the folders we write to. Looks only; creates and changes nothing. */
final class Folder {
    private Folder() {}

    /** A path to a file that must be readable, relative to the configuration file's folder. */
    static Syntax<Path> readableFile(ConfigSource source) {
        return Syntax.of(
                        "a path to a readable file",
                        (String text) ->
                                path(source.folder(), text)
                                        .filter(file -> {
                                            source.findings().reads(file);
                                            return fileFault(file) == null;
                                        }))
                .explaining(
                        text -> path(source.folder(), text).map(Folder::fileFault).orElse(null));
    }

    /** A path to a folder that is ours to write, or can be made so. */
    static Syntax<Path> writable(ConfigSource source) {
        return Syntax.of(
                        "a path to a folder that this user may write, or make",
                        (String text) ->
                                path(source.folder(), text).filter(at -> folderFault(at) == null))
                .explaining(
                        text -> path(source.folder(), text).map(Folder::folderFault).orElse(null));
    }

    private static @Nullable String fileFault(Path file) {
        return ConfigText.notReadable(file).orElse(null);
    }

    private static @Nullable String folderFault(Path folder) {
        if (isWritable(folder)) {
            return null;
        }
        return Files.isDirectory(folder)
                ? "a folder that this user may not write"
                : "a folder that this user cannot make";
    }

    /** The system's folder, or for a plain user the one of the XDG Base Directory Specification. */
    static Path fallback(Path system, String belowStateHome, Map<String, String> env) {
        return isWritable(system) ? system : stateHome(env).resolve(belowStateHome);
    }

    private static Path stateHome(Map<String, String> env) {
        var named = absolute(env.get("XDG_STATE_HOME")); // A relative one is to be ignored.
        if (named != null) {
            return named;
        }
        var home = absolute(env.get("HOME"));
        var base = home == null ? Path.of(System.getProperty("user.home", "/")) : home;
        return base.resolve(".local").resolve("state");
    }

    private static @Nullable Path absolute(@Nullable String text) {
        return text == null || !text.startsWith("/") ? null : Path.of(text);
    }

    private static Optional<Path> path(Path folder, String text) {
        try {
            return text.isBlank()
                    ? Optional.empty()
                    : Optional.of(folder.resolve(text).normalize());
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    /** Whether the folder is writable; for one that is not there, whether it could be made. */
    static boolean isWritable(Path folder) {
        @Nullable Path nearest = folder.toAbsolutePath();
        while (nearest != null && !Files.exists(nearest)) {
            nearest = nearest.getParent();
        }
        return nearest != null && Files.isDirectory(nearest) && Files.isWritable(nearest);
    }
}
