package dev.portcullis.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's redis-server as a child, on loopback, with nothing on the disk. */
final class RedisProcess implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/redis-server");
    private static final long START_MILLIS = 20_000;

    private final int port;
    private final List<String> more;
    private Process process;

    private RedisProcess(int port, List<String> more) throws IOException {
        this.port = port;
        this.more = more;
        this.process = run();
    }

    static boolean isInstalled() {
        return Files.isExecutable(PROGRAM);
    }

    static RedisProcess start(String... more) {
        try {
            return new RedisProcess(freePort(), List.of(more));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process run() throws IOException {
        var command = new ArrayList<String>();
        command.addAll(List.of(PROGRAM.toString(), "--bind", "127.0.0.1"));
        command.addAll(List.of("--save", "", "--appendonly", "no"));
        command.addAll(List.of("--port", Integer.toString(port)));
        command.addAll(more);
        var started =
                new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        awaitOpen(started);
        return started;
    }

    private void awaitOpen(Process started) throws IOException {
        long until = System.currentTimeMillis() + START_MILLIS;
        while (!isOpen()) {
            if (!started.isAlive() || System.currentTimeMillis() > until) {
                throw new IOException("redis-server did not start");
            }
            try {
                started.waitFor(20, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private boolean isOpen() {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    /** Ends it, all it held with it. */
    void stop() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Starts it again, empty, on the same port. */
    void again() throws IOException {
        process = run();
    }

    @Override
    public void close() {
        stop();
    }
}
