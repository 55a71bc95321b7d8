package dev.portcullis.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Debian's redis-server as a child on loopback; what it holds is gone with it. */
final class RedisServer implements AutoCloseable {
    /** What it asks for. */
    static final String PASSWORD = "a-password-of-a-test";

    private static final Path PROGRAM = Path.of("/usr/bin/redis-server");
    private static final Duration START = Duration.ofSeconds(20);

    private final int port;
    private ChildProcess process;

    private RedisServer(int port) throws IOException {
        this.port = port;
        this.process = run(port);
    }

    static boolean present() {
        return Files.isExecutable(PROGRAM);
    }

    static RedisServer start() throws IOException {
        return new RedisServer(Project.freePort());
    }

    private static ChildProcess run(int port) throws IOException {
        var folder = Project.output("redis/" + port);
        var process =
                ChildProcess.start(
                        List.of(
                                PROGRAM.toString(),
                                "--bind",
                                "127.0.0.1",
                                "--port",
                                Integer.toString(port),
                                "--save",
                                "",
                                "--appendonly",
                                "yes",
                                "--requirepass",
                                PASSWORD),
                        Map.of(),
                        folder,
                        folder.resolve("log"));
        Await.until("redis-server", START, () -> isOpen(port));
        return process;
    }

    private static boolean isOpen(int port) {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    /** It is away. */
    void stop() throws IOException {
        process.terminate();
        process.exitCode(20);
    }

    /** It is back, with what it held. */
    void startAgain() throws IOException {
        process.close();
        process = run(port);
    }

    @Override
    public void close() {
        process.close();
    }
}
