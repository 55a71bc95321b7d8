package dev.portcullis.demo;

import com.nimbusds.jose.JWSAlgorithm;
import dev.portcullis.certs.DevelopmentCertificates;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * {@code ./portcullis demo}: a door, what is behind it, and who may pass, on one machine in one
 * command. Everything listens on loopback; everything ends with it, and its folder is removed.
 */
public final class Demo implements AutoCloseable {
    private static final int REFUSED = 1;
    private static final int USAGE = 2;
    private static final int PROVIDER_PORT = 9443;
    private static final int SECRET_BYTES = 16;

    private final DemoOptions options;
    private final Map<String, String> env;
    private final PrintStream out;
    private final Instant begin = Instant.now();
    private final Children children = new Children();
    private final Deque<AutoCloseable> newestFirst = new ArrayDeque<>();

    private Demo(DemoOptions options, Map<String, String> env, PrintStream out) {
        this.options = options;
        this.env = env;
        this.out = out;
    }

    /** Runs until it is stopped; exits 1 if something could not start, 2 on wrong usage. */
    public static void main(String[] arguments) throws InterruptedException {
        // The JDK's server otherwise waits 40 ms for more to say.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        var home = Path.of(System.getProperty("portcullis.home", "")).toAbsolutePath();
        switch (DemoOptions.parse(home, List.of(arguments))) {
            case DemoOptions.Misunderstood(String found) -> {
                System.err.println("demo: found " + found);
                System.err.println(DemoOptions.USAGE);
                System.exit(USAGE);
            }
            case DemoOptions.Understood(DemoOptions options) -> System.exit(run(options));
        }
    }

    private static int run(DemoOptions options) throws InterruptedException {
        var demo = new Demo(options, System.getenv(), System.out);
        // Ctrl-C and SIGTERM come this way, whatever the demo is waiting for.
        Runtime.getRuntime().addShutdownHook(new Thread(demo::close, "demo-stop"));
        try {
            var portcullis = demo.start();
            int code = portcullis.waitFor();
            demo.complain("Portcullis ended with exit code " + code);
        } catch (IOException e) {
            demo.complain(String.valueOf(e.getMessage()));
        }
        return REFUSED;
    }

    private void complain(String found) {
        if (!children.closing()) { // While stopping, things end because they were told to.
            System.err.println("demo: " + found);
        }
    }

    /** Ends every process and listener, and removes the folder of this run. */
    @Override
    public void close() {
        children.close();
        while (true) {
            AutoCloseable next;
            synchronized (newestFirst) {
                next = newestFirst.poll();
            }
            if (next == null) {
                return;
            }
            try {
                next.close();
            } catch (Exception e) {
                System.err.println("demo: could not clean up: " + e);
            }
        }
    }

    private Process start() throws IOException, InterruptedException {
        var folder = newFolder();
        var certificates = certificates();
        int port = free(options.port());
        if (port != options.port()) {
            say("port", options.port() + " is taken, " + port + " instead");
        }
        var origin = URI.create("https://localhost:" + port);
        var provider = provider(certificates);
        var clientSecret = random();
        provider.register(DevelopmentClient.portcullis("portcullis", clientSecret, origin));
        var userHeader = "x-sidecar-user-" + random();
        var gateway = gateway(folder, userHeader, origin);
        var settings =
                new PortcullisProcess.Settings(
                        folder,
                        port,
                        free(0),
                        certificates,
                        gateway,
                        provider.issuer(),
                        clientSecret,
                        userHeader);
        say("portcullis", "starting");
        var process = PortcullisProcess.start(options.home(), settings, children);
        explain(settings);
        return process;
    }

    private Path newFolder() throws IOException {
        var ours =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        var target = Files.createDirectories(target());
        var folder = Files.createTempDirectory(target, "run-", ours);
        closeLater(() -> GatewayInstall.delete(folder));
        return folder;
    }

    private DevelopmentCertificates certificates() throws IOException {
        var folder = target().resolve("certificates");
        var made = DevelopmentCertificates.create(folder, List.of(), Clock.systemUTC());
        say("certificates", "in " + shown(folder));
        return made;
    }

    private DevelopmentIdentityProvider provider(DevelopmentCertificates certificates)
            throws IOException {
        var provider =
                DevelopmentIdentityProvider.start(
                        new DevelopmentIdentityProvider.Settings(
                                free(PROVIDER_PORT),
                                DevelopmentTls.server(certificates),
                                JWSAlgorithm.ES256,
                                List.of(DevelopmentUser.ALICE, DevelopmentUser.MALLORY),
                                Clock.systemUTC()));
        closeLater(provider);
        say("identity", "provider at " + provider.issuer());
        return provider;
    }

    private InetSocketAddress gateway(Path folder, String userHeader, URI origin)
            throws IOException, InterruptedException {
        var obstacle = GatewayInstall.obstacle(env);
        if (options.gateway() == DemoOptions.Gateway.REAL && obstacle.isPresent()) {
            throw new IOException("no real Gateway here: " + obstacle.get());
        }
        if (options.gateway() == DemoOptions.Gateway.STAND_IN || obstacle.isPresent()) {
            var standIn = StandInGateway.start(0);
            closeLater(standIn);
            say(
                    "gateway",
                    "a stand-in" + obstacle.map(why -> ", because there is " + why).orElse(""));
            return standIn.address();
        }
        var settings =
                new RealGateway.Settings(
                        free(0),
                        Files.createDirectory(folder.resolve("gateway")),
                        options.home().resolve("config/gateway.example.json"),
                        userHeader,
                        origin,
                        List.of(DevelopmentUser.ALICE.email()),
                        Map.of());
        var gateway = RealGateway.start(settings, env, children, this::say);
        closeLater(gateway);
        return gateway.address();
    }

    private void explain(PortcullisProcess.Settings settings) {
        var origin = settings.origin();
        var authority = shown(settings.certificates().authority());
        out.printf(
                """

                Portcullis is up after %s:  %s

                  alice@example.com     is let in, and her WebSocket lives
                  mallory@example.com   signs in too, and gets a 403 with his name on it
                  nobody at all         curl --cacert %s -i %s/api/anything    (401)

                Your browser warns of the certificates of %s and %s unless it trusts
                %s. Log, audit and configuration: %s
                Ctrl-C stops everything and leaves nothing.
                """,
                seconds(Duration.between(begin, Instant.now())),
                origin,
                authority,
                origin,
                origin.getRawAuthority(),
                settings.issuer().getRawAuthority(),
                authority,
                shown(settings.folder()));
        out.flush();
    }

    private void say(String what, String line) {
        out.printf("%7s  %-13s %s%n", seconds(Duration.between(begin, Instant.now())), what, line);
        out.flush();
    }

    private void closeLater(AutoCloseable part) {
        synchronized (newestFirst) {
            newestFirst.push(part);
        }
    }

    private Path target() {
        return options.home().resolve("demo/target");
    }

    private String shown(Path path) {
        return options.home().relativize(path).toString();
    }

    private String random() {
        var bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The wanted port of 127.0.0.1 if it is free, else any that is. */
    private static int free(int wanted) throws IOException {
        for (int port : new int[] {wanted, 0}) {
            try (var socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
                return socket.getLocalPort();
            } catch (IOException e) {
                if (port == 0) {
                    throw e;
                }
            }
        }
        throw new IOException("no free port on 127.0.0.1");
    }

    private static String seconds(Duration duration) {
        return "%.1f s".formatted(duration.toMillis() / 1000.0);
    }
}
