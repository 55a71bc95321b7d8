package dev.portcullis;

import dev.portcullis.config.FileStamp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the configuration file, or one of those it names, is another. Looks when a folder of
 * theirs says that something happened, and a few times a second all the same, because renames,
 * links and network folders tell nobody reliably; a file that is still being written is left alone
 * until it has been the same for one look.
 */
final class ConfigWatch implements AutoCloseable {
    /** With loading, even a change that nobody told of is in force within a second. */
    private static final Duration PACE = Duration.ofMillis(250);

    /** Where nobody can tell. */
    private static final Duration PACE_ALONE = Duration.ofMillis(100);

    /** How long what is new must have stayed the same. */
    private static final Duration SETTLED = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);

    private final Supplier<Map<Path, FileStamp>> read;
    private final Runnable changed;
    private final Thread thread;
    private Map<Path, FileStamp> told;
    private Map<Path, FileStamp> seen;

    /**
     * @param read the files to watch, as they were when they were last read
     * @param changed reads them again
     */
    ConfigWatch(Supplier<Map<Path, FileStamp>> read, Runnable changed) {
        this.read = read;
        this.changed = changed;
        this.told = read.get();
        this.seen = told;
        this.thread = Thread.ofPlatform().name("portcullis-watch").daemon().unstarted(this::watch);
    }

    static ConfigWatch start(Supplier<Map<Path, FileStamp>> read, Runnable changed) {
        var watch = new ConfigWatch(read, changed);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        try (var folders = FolderEvents.open()) {
            Map<Path, FileStamp> followed = Map.of();
            while (!Thread.currentThread().isInterrupted()) {
                if (!followed.equals(told)) {
                    followed = told;
                    folders.follow(told.keySet());
                }
                if (seen.equals(told)) {
                    folders.await(folders.isSilent() ? PACE_ALONE : PACE);
                } else {
                    Thread.sleep(SETTLED);
                }
                look();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (IOException stopped) {
            LOG.debug("the folders are no longer followed", stopped);
        }
    }

    /** One look. */
    void look() {
        try {
            var now = stamps(read.get());
            boolean still = now.equals(seen);
            seen = now;
            if (still && !now.equals(told)) {
                told = now;
                changed.run();
                told = read.get(); // The next look compares with what was read, whatever it was.
                seen = told;
            }
        } catch (RuntimeException failure) {
            LOG.error("the configuration's files could not be looked at", failure);
        }
    }

    private static Map<Path, FileStamp> stamps(Map<Path, FileStamp> files) {
        var stamps = new HashMap<Path, FileStamp>();
        files.keySet().forEach(file -> stamps.put(file, FileStamp.of(file)));
        return stamps;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
