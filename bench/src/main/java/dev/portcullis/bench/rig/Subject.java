package dev.portcullis.bench.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A proxy under measurement: a process of its own, pinned to one core, ended by its own number.
 *
 * @param name for the table
 * @param address where it takes TLS
 * @param log what it says
 */
public record Subject(String name, InetSocketAddress address, Process process, Path log)
        implements AutoCloseable {
    private static final int START_SECONDS = 60;

    /**
     * Starts one and waits until it takes connections.
     *
     * @param core which it is pinned to
     */
    static Subject start(String name, int core, int port, Path log, List<String> command)
            throws IOException, InterruptedException {
        var pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
        pinned.addAll(command);
        var process =
                new ProcessBuilder(pinned)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        var subject = new Subject(name, at(port), process, log);
        // Whatever happens to us, nothing stays behind.
        Runtime.getRuntime().addShutdownHook(new Thread(subject::close));
        subject.awaitPort();
        return subject;
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private void awaitPort() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!listens()) {
            boolean exited = process.waitFor(20, TimeUnit.MILLISECONDS);
            if (exited || System.nanoTime() > end) {
                var said = Files.readString(log);
                close();
                throw new IOException(name + " does not listen: " + said);
            }
        }
    }

    private boolean listens() {
        try (var socket = new Socket()) {
            socket.connect(address, 500);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** A port that is free at the moment. */
    static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
    }

    /** What it uses. */
    public ProcessGauge gauge() {
        return new ProcessGauge(process.pid());
    }

    /** Ends it and its workers. */
    @Override
    public void close() {
        var family = new ArrayList<>(process.descendants().toList());
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        family.forEach(ProcessHandle::destroyForcibly);
    }
}
