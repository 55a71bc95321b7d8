package dev.portcullis.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The classes that the first sidecar of a run has loaded, kept for those after it (JEP 350): they
 * start with a third less work. Changes nothing else: a Java that cannot use the archive loads its
 * classes as ever.
 */
final class StartArchive {
    private static final String WRITE = "-XX:ArchiveClassesAtExit=";
    private static final String QUIET = "-Xlog:cds=off"; // The log is read line by line.

    private static boolean begun;

    private StartArchive() {}

    /** What makes a sidecar read the archive, or the first one write it at its end. */
    static synchronized List<String> flags() throws IOException {
        if (!begun) {
            begun = true;
            Files.deleteIfExists(written());
            Files.deleteIfExists(kept());
            return List.of(WRITE + written(), QUIET);
        }
        return Files.exists(kept()) ? List.of("-XX:SharedArchiveFile=" + kept(), QUIET) : List.of();
    }

    /** Whether whoever is started with that flag writes it. */
    static boolean writes(String flag) {
        return flag.startsWith(WRITE);
    }

    /** Takes what that one wrote, if it came to its end. */
    static void keep(ChildProcess ended) {
        try {
            if (ended.exitCode(0) == 0 && Files.exists(written())) {
                Files.move(written(), kept(), StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path written() throws IOException {
        return Project.output("archive").resolve("written.jsa");
    }

    private static Path kept() throws IOException {
        return Project.output("archive").resolve("kept.jsa");
    }
}
