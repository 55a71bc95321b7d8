package dev.portcullis.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real OpenClaw Gateway on loopback, configured by {@code config/gateway.example.json}, for the
 * demo and the end-to-end tests. Takes 10 to 30 s to start and 850 MB. One thread at a time.
 */
public final class RealGateway implements AutoCloseable {
    private static final Duration READY_LIMIT = Duration.ofMinutes(5);
    private static final int POLL_MILLIS = 250;
    private static final int LOG_LINES_SHOWN = 15;

    private final GatewayInstall install;
    private final Settings settings;
    private final Children children;
    private final Progress progress;
    private final HttpClient client;
    private Process process;

    /**
     * What one Gateway is started with.
     *
     * @param port on 127.0.0.1 and ::1
     * @param directory its home, state and logs; made, mode 0700
     * @param example {@code config/gateway.example.json}
     * @param userHeader the secret name of the header that carries the user
     * @param publicOrigin where people reach Portcullis
     * @param allowUsers whom the Gateway lets in
     * @param overlay laid over everything else, such as {@code gateway.controlUi.basePath}
     */
    public record Settings(
            int port,
            Path directory,
            Path example,
            String userHeader,
            URI publicOrigin,
            List<String> allowUsers,
            Map<String, Object> overlay) {
        public Settings {
            directory = directory.toAbsolutePath();
            allowUsers = List.copyOf(allowUsers);
            overlay = Map.copyOf(overlay);
        }
    }

    private RealGateway(
            GatewayInstall install, Settings settings, Children children, Progress progress)
            throws IOException, InterruptedException {
        this.install = install;
        this.settings = settings;
        this.children = children;
        this.progress = progress;
        // Its answer to an offer of HTTP/2 is 400.
        this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        this.process = run();
    }

    /**
     * Installs what is missing, starts, and returns when {@code /readyz} answers 200.
     *
     * @throws IOException if it cannot be installed, exits, or is not ready in five minutes
     */
    public static RealGateway start(Settings settings, Progress progress)
            throws IOException, InterruptedException {
        return start(settings, System.getenv(), new Children(), progress);
    }

    static RealGateway start(
            Settings settings, Map<String, String> env, Children children, Progress progress)
            throws IOException, InterruptedException {
        var install = GatewayInstall.prepare(env, children, progress);
        if (install.took().isPositive()) {
            progress.say("gateway", "installed in " + seconds(install.took()));
        }
        return new RealGateway(install, settings, children, progress);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), settings.port());
    }

    /** Its process id, of this run. */
    public long pid() {
        return process.pid();
    }

    /** Its standard output and error. */
    public Path output() {
        return settings.directory().resolve("gateway.out");
    }

    /** Its configuration file; changes are read within a second or so. */
    public Path configuration() {
        return settings.directory().resolve("openclaw.json");
    }

    /** The program that it is, for commands of its kind. */
    public List<String> program() {
        return List.of(install.node().toString(), install.entry().toString());
    }

    /** What it runs with, for commands that share its state; names left out are to be unset. */
    public Map<String, String> commandEnvironment() {
        var env = new HashMap<String, String>(System.getenv());
        environment(env);
        return env;
    }

    /** Asks it to stop and returns when it and its helpers are gone. */
    public void stop() {
        children.stop(process);
    }

    /**
     * Starts it again on its port, with its state.
     *
     * @throws IOException as {@link #start}
     */
    public void restart() throws IOException, InterruptedException {
        stop();
        process = run();
    }

    /** Stops it, and removes the locks that it leaves outside its folder. */
    @Override
    public void close() {
        stop();
        client.shutdownNow();
        GatewayLocks.of(settings.directory().resolve("state/state/openclaw.sqlite")).delete();
    }

    private Process run() throws IOException, InterruptedException {
        var begin = Instant.now();
        var command = command();
        progress.say("gateway", "starting, 10 to 30 s");
        var started = children.start(command, output());
        while (!ready()) {
            if (started.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IOException("the Gateway exited: " + lastLines());
            }
            if (begin.plus(READY_LIMIT).isBefore(Instant.now())) {
                children.stop(started);
                throw new IOException("the Gateway is not ready after 5 min: " + lastLines());
            }
        }
        progress.say("gateway", "ready after " + seconds(Duration.between(begin, Instant.now())));
        return started;
    }

    private ProcessBuilder command() throws IOException {
        var ours =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        var directory = settings.directory();
        for (var folder : List.of("home", "state", "tmp")) {
            Files.createDirectories(directory.resolve(folder), ours);
        }
        if (!Files.exists(configuration())) {
            Files.createFile(
                    configuration(),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(configuration(), GatewayConfiguration.from(settings));
        }
        var command =
                new ProcessBuilder(
                                install.node().toString(),
                                install.entry().toString(),
                                "gateway",
                                "run")
                        .directory(directory.toFile());
        environment(command.environment());
        return command;
    }

    /** Its own home, and none of the variables that would change what the file says. */
    private void environment(Map<String, String> env) {
        env.keySet().removeIf(name -> name.startsWith("OPENCLAW_") || name.startsWith("NODE_"));
        var directory = settings.directory();
        env.put("HOME", directory.resolve("home").toString());
        env.put("XDG_CACHE_HOME", directory.resolve("home/.cache").toString());
        env.put("TMPDIR", directory.resolve("tmp").toString());
        env.put("OPENCLAW_HOME", directory.resolve("home").toString());
        env.put("OPENCLAW_STATE_DIR", directory.resolve("state").toString());
        env.put("OPENCLAW_CONFIG_PATH", configuration().toString());
        for (var on :
                List.of(
                        "OPENCLAW_DISABLE_BONJOUR",
                        "OPENCLAW_NO_AUTO_UPDATE",
                        "OPENCLAW_OFFLINE",
                        "OPENCLAW_SKIP_CHANNELS",
                        "DO_NOT_TRACK",
                        "NO_COLOR")) {
            env.put(on, "1");
        }
    }

    private boolean ready() throws InterruptedException {
        var request =
                HttpRequest.newBuilder(
                                GatewayConfiguration.address(settings.port()).resolve("/readyz"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    private String lastLines() throws IOException {
        var lines = Files.readAllLines(output());
        return String.join(
                "\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    }

    private static String seconds(Duration duration) {
        return "%.1f s".formatted(duration.toMillis() / 1000.0);
    }
}
