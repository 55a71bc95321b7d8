package dev.portcullis.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/** Where things lie: this checkout, the build's output, the user's cache. */
final class Project {
    /** Below the kernel's range for outgoing connections, so that nothing takes it in between. */
    private static final int PORT_FIRST = 20_000;

    private static final int PORT_LAST = 32_000;

    private Project() {}

    /** The checkout. */
    static Path root() {
        var here = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        return here.endsWith("e2e") ? Objects.requireNonNull(here.getParent()) : here;
    }

    /** A folder below this module's build output, made if absent. */
    static Path output(String name) throws IOException {
        return Files.createDirectories(root().resolve("e2e/target").resolve(name));
    }

    /** The user's cache: what is fetched or unpacked once and kept between builds. */
    static Path cache() throws IOException {
        var xdg = System.getenv("XDG_CACHE_HOME");
        var base =
                xdg == null || xdg.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(xdg);
        return Files.createDirectories(base.resolve("portcullis"));
    }

    /** The Java that runs the tests, which is the one that runs the product. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The product, as it ships. */
    static Path productJar() {
        return root().resolve("proxy/target/portcullis-all.jar");
    }

    /** The flags it ships with. */
    static List<String> productFlags() throws IOException {
        return List.of("@" + root().resolve("config/jvm.options"));
    }

    /** A loopback port that nobody listens on now. */
    static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(PORT_FIRST, PORT_LAST);
            try (var probe = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
                return probe.getLocalPort();
            } catch (IOException taken) {
                // Somebody's; the next one.
            }
        }
    }

    /** Removes a folder of an earlier run, links not followed. */
    static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var tree = Files.walk(folder)) {
            for (var file : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Whether a missing real part fails the run instead of leaving its tests out. */
    static boolean nothingMayBeLeftOut() {
        return "true".equals(System.getenv("CI"));
    }
}
