package dev.portcullis;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a wait when something happens in a folder of the files that matter, so that nobody has to
 * look often while nothing does. Says only that it is time to look, and may stay silent: a network
 * folder tells nobody. For one thread.
 */
final class FolderEvents implements AutoCloseable {
    /** What belongs together comes as one; a busy folder costs no more than so many looks. */
    private static final Duration GATHERED = Duration.ofMillis(50);

    private final @Nullable WatchService service;
    private final Map<Path, WatchKey> folders = new HashMap<>();

    private FolderEvents(@Nullable WatchService service) {
        this.service = service;
    }

    /** Silent where the system has no more watches to give. */
    static FolderEvents open() {
        try {
            return new FolderEvents(FileSystems.getDefault().newWatchService());
        } catch (IOException | UnsupportedOperationException none) {
            return new FolderEvents(null);
        }
    }

    /** Whether it can tell anything. */
    boolean isSilent() {
        return service == null || folders.isEmpty();
    }

    /** From now on these files matter, and what they are links to. */
    void follow(Collection<Path> files) {
        if (service == null) {
            return;
        }
        var wanted = new HashSet<Path>();
        files.forEach(file -> addFolders(file, wanted));
        folders.entrySet()
                .removeIf(entry -> {
                    boolean stale = !wanted.contains(entry.getKey()) || !entry.getValue().isValid();
                    if (stale) {
                        entry.getValue().cancel();
                    }
                    return stale;
                });
        wanted.forEach(folder -> register(service, folder));
    }

    private static void addFolders(Path file, Set<Path> folders) {
        var named = file.toAbsolutePath().getParent();
        if (named != null) {
            folders.add(named);
        }
        try {
            var real = file.toRealPath().getParent();
            if (real != null) {
                folders.add(real);
            }
        } catch (IOException missing) {
            // It is looked for where it is named.
        }
    }

    private void register(WatchService into, Path folder) {
        if (!folders.containsKey(folder)) {
            try {
                var key = folder.register(into, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
                folders.put(folder, key);
            } catch (IOException missingOrTooMany) {
                // Whoever waits looks from time to time.
            }
        }
    }

    /** Waits that long at most; whether something happened. */
    boolean await(Duration most) throws InterruptedException {
        if (service == null) {
            Thread.sleep(most);
            return false;
        }
        var key = service.poll(most.toNanos(), TimeUnit.NANOSECONDS);
        if (key == null) {
            return false;
        }
        Thread.sleep(GATHERED);
        for (var next = key; next != null; next = service.poll()) {
            next.pollEvents();
            if (!next.reset()) {
                folders.values().remove(next); // Its folder is gone.
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        if (service != null) {
            service.close();
        }
    }
}
