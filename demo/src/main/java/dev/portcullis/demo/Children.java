package dev.portcullis.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The processes we started, so that none outlives us. Once closed, none can be started any more.
 * Any thread.
 */
final class Children implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Deque<Process> newestFirst = new ArrayDeque<>();
    private boolean closed;

    /**
     * Starts a process that reads nothing and writes both its outputs to one file.
     *
     * @throws IOException if it cannot be started, or everything is being stopped
     */
    synchronized Process start(ProcessBuilder command, Path output) throws IOException {
        if (closed) {
            throw new IOException("stopping: nothing is started any more");
        }
        var process =
                command.redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .start();
        newestFirst.push(process);
        return process;
    }

    /** Ends a process and all that it started: asked, then killed. Returns when they are gone. */
    void stop(Process process) {
        var family = Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
        process.destroy();
        var _ = ended(process, GRACE);
        family.stream().filter(ProcessHandle::isAlive).forEach(Children::kill);
        synchronized (this) {
            newestFirst.remove(process);
        }
    }

    /** Whether all of them are being ended. */
    synchronized boolean closing() {
        return closed;
    }

    /** Ends all of them, the newest first. */
    @Override
    public void close() {
        for (var process : remaining()) {
            stop(process);
        }
    }

    private synchronized Process[] remaining() {
        closed = true;
        return newestFirst.toArray(Process[]::new);
    }

    private static void kill(ProcessHandle process) {
        process.destroyForcibly();
        process.onExit().completeOnTimeout(process, GRACE.toMillis(), TimeUnit.MILLISECONDS).join();
    }

    private static boolean ended(Process process, Duration within) {
        try {
            return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
