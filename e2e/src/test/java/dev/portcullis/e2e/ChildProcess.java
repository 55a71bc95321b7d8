package dev.portcullis.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process of ours: its output in a file, ended by its handle and never by a name, gone with the
 * test run at the latest.
 */
final class ChildProcess implements AutoCloseable {
    private static final long TERM_SECONDS = 20;

    private final Process process;
    private final Path output;
    private final Thread lastResort;

    private ChildProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
        this.lastResort = new Thread(process::destroyForcibly, "end-of-child");
        Runtime.getRuntime().addShutdownHook(lastResort);
    }

    /** Starts it with stdout and stderr in the file. */
    static ChildProcess start(
            List<String> command, Map<String, String> environment, Path directory, Path output)
            throws IOException {
        Files.createDirectories(directory);
        var builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(environment);
        return new ChildProcess(builder.start(), output);
    }

    boolean alive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** The exit code; waits for the end. */
    int exitCode(long seconds) throws IOException {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new AssertionError(
                        "pid " + pid() + " still runs after " + seconds + " s (expected: its end)");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return process.exitValue();
    }

    /** All it has printed so far. */
    String printed() throws IOException {
        return Files.exists(output) ? Files.readString(output, StandardCharsets.UTF_8) : "";
    }

    /** The end of what it has printed, for a failure's message. */
    String lastPrinted() throws IOException {
        var lines = printed().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    /** A figure of {@code /proc/PID/status} such as {@code VmHWM}, in bytes. */
    long memory(String field) throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
            if (line.startsWith(field + ":")) {
                var kib = line.substring(field.length() + 1).replace("kB", "").strip();
                return Long.parseLong(kib) * 1024;
            }
        }
        throw new IOException("/proc/" + pid() + "/status: no " + field + " (expected: one)");
    }

    /** Makes {@code VmHWM} start anew at what is resident now (proc(5), clear_refs). */
    void resetPeak() throws IOException {
        Files.writeString(Path.of("/proc/" + pid() + "/clear_refs"), "5");
    }

    /** Asks it to go. */
    void terminate() {
        process.destroy();
    }

    /** Ends it with SIGKILL: it gets no chance to tidy up. */
    void kill() {
        process.destroyForcibly();
    }

    /** Asks it to go, and sees to it. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(TERM_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException alreadyEnding) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
