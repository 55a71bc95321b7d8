package dev.portcullis.e2e;

import dev.portcullis.JumpingClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** The built product as a child process, with its own folder, ports and configuration file. */
final class Sidecar implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final long COMMAND_SECONDS = 60;
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final TestCertificates certificates;
    private final Path folder;
    private final String host;
    private final int port;
    private final int adminPort;
    private final boolean training;
    private ChildProcess process;

    private Sidecar(
            TestCertificates certificates,
            ChildProcess process,
            Path folder,
            String host,
            int port,
            int adminPort,
            boolean training) {
        this.certificates = certificates;
        this.process = process;
        this.folder = folder;
        this.host = host;
        this.port = port;
        this.adminPort = adminPort;
        this.training = training;
    }

    /** Starts it and waits until it says it is ready. */
    static Sidecar start(TestCertificates certificates, SidecarSettings settings)
            throws IOException {
        var sidecar = startUnready(certificates, settings, List.of());
        sidecar.awaitReady();
        return sidecar;
    }

    /**
     * Starts it with more flags for its Java and waits until it lives, ready or not: for a provider
     * or a Gateway that is down.
     */
    static Sidecar startUnready(
            TestCertificates certificates, SidecarSettings settings, List<String> javaFlags)
            throws IOException {
        return startBehind(List.of(), certificates, settings, javaFlags, product());
    }

    /**
     * Starts the product with a wall clock that is as far off as the file says, in ISO 8601.
     *
     * @param off such as {@code PT1H}; read each time that the clock is
     */
    static Sidecar startByAnotherClock(
            TestCertificates certificates, SidecarSettings settings, Path off) throws IOException {
        var classPath =
                Project.productJar() + ":" + Project.root().resolve("e2e/target/test-classes");
        var main = List.of("-cp", classPath, JumpingClock.class.getName(), off.toString());
        var sidecar = startBehind(List.of(), certificates, settings, List.of(), main);
        sidecar.awaitReady();
        return sidecar;
    }

    private static Sidecar startBehind(
            List<String> before,
            TestCertificates certificates,
            SidecarSettings settings,
            List<String> javaFlags,
            List<String> main)
            throws IOException {
        var folder = Project.output("sidecars/" + NUMBER.incrementAndGet());
        int port = settings.port();
        int adminPort = Project.freePort();
        var host = settings.loopback();
        settings.section("listen", "'" + host + ":" + port + "'")
                .section("admin", "{ listen: '" + host + ":" + adminPort + "' }")
                .section(
                        "state",
                        "{ directory: " + folder.resolve("state") + settings.state() + " }")
                .section("audit", "{ directory: " + folder.resolve("audit") + " }");
        var file = folder.resolve("portcullis.yaml");
        Files.deleteIfExists(folder.resolve("audit/audit.jsonl"));
        Files.writeString(file, settings.yaml(), StandardCharsets.UTF_8);
        var command = new ArrayList<>(before);
        command.addAll(command(file, javaFlags, main));
        var process = ChildProcess.start(command, Map.of(), folder, folder.resolve("log.jsonl"));
        boolean training = main.stream().anyMatch(StartArchive::writes);
        var sidecar = new Sidecar(certificates, process, folder, host, port, adminPort, training);
        sidecar.await("live");
        return sidecar;
    }

    /**
     * Starts it as the words say that stand before its own, such as {@code env -u HOME}, and waits
     * until it lives.
     */
    static Sidecar startAs(
            List<String> before,
            TestCertificates certificates,
            SidecarSettings settings,
            List<String> javaFlags)
            throws IOException {
        return startBehind(before, certificates, settings, javaFlags, product());
    }

    /** Starts it in a shell that has set a limit, such as {@code ulimit -n 256}. */
    static Sidecar startLimited(
            TestCertificates certificates, SidecarSettings settings, String limit)
            throws IOException {
        var shell = List.of("sh", "-c", limit + " && exec \"$@\"", "sh");
        var sidecar = startBehind(shell, certificates, settings, List.of(), product());
        sidecar.awaitReady();
        return sidecar;
    }

    private static List<String> product() throws IOException {
        var command = new ArrayList<>(StartArchive.flags());
        command.addAll(List.of("-jar", Project.productJar().toString(), "run", "--config"));
        return command;
    }

    private static List<String> command(Path file, List<String> javaFlags, List<String> main)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Project.java());
        command.addAll(Project.productFlags());
        command.addAll(javaFlags); // Later ones win.
        command.addAll(main);
        command.add(file.toString());
        return command;
    }

    /** Ends it with SIGKILL. */
    void kill() {
        process.kill();
    }

    /** Starts it again after its end, with the same file, folders and ports. */
    void startAgain() throws IOException {
        process.close();
        process =
                ChildProcess.start(
                        command(folder.resolve("portcullis.yaml"), List.of(), product()),
                        Map.of(),
                        folder,
                        folder.resolve("log.jsonl"));
        awaitReady();
    }

    /** Runs a command of the product against it; fails the test unless it exits with 0. */
    void command(String... words) throws IOException {
        var command = new ArrayList<String>();
        command.add(Project.java());
        command.addAll(Project.productFlags());
        command.addAll(List.of("-jar", Project.productJar().toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("--config", file().toString()));
        try (var run =
                ChildProcess.start(command, Map.of(), folder, folder.resolve("command.log"))) {
            if (run.exitCode(COMMAND_SECONDS) != 0) {
                throw new AssertionError(String.join(" ", words) + ":\n" + run.lastPrinted());
            }
        }
    }

    /** Its configuration file. */
    Path file() {
        return folder.resolve("portcullis.yaml");
    }

    /** Waits until it says that it is ready. */
    void awaitReady() throws IOException {
        await("ready");
    }

    private void await(String path) throws IOException {
        Await.until(
                "the sidecar's /" + path,
                START,
                () -> {
                    if (!process.alive()) {
                        throw new IOException("the sidecar ended:\n" + process.lastPrinted());
                    }
                    return new HttpsClient(certificates)
                            .get(admin(path))
                            .map(answer -> answer.status() == 200)
                            .orElse(false);
                });
    }

    /** Where clients connect, on 127.0.0.1. */
    int port() {
        return port;
    }

    /** What the admin listener answers on that path. */
    Answer ask(String path) throws IOException {
        return new HttpsClient(certificates)
                .get(admin(path))
                .orElseThrow(() -> new AssertionError("the admin listener is gone"));
    }

    private String admin(String path) {
        return "http://" + host + ":" + adminPort + "/" + path;
    }

    DoorClient connect() throws IOException {
        return connect(certificates.trusting());
    }

    /** With what that context trusts and shows. */
    DoorClient connect(SSLContext context) throws IOException {
        return DoorClient.connect(context, new InetSocketAddress(host, port), 0);
    }

    /** One request on a connection of its own. */
    Answer request(String request) throws IOException {
        try (var client = connect()) {
            return client.send(request).answer();
        }
    }

    /** Its configuration file. */
    Path configuration() {
        return folder.resolve("portcullis.yaml");
    }

    ChildProcess process() {
        return process;
    }

    /** The log on stderr so far. */
    String log() throws IOException {
        return process.printed();
    }

    /** The audit lines so far. */
    List<String> audit() throws IOException {
        var file = folder.resolve("audit/audit.jsonl");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** Its folder: state, audit, log. */
    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        process.close();
        if (training) {
            StartArchive.keep(process);
        }
    }
}
