package dev.portcullis.e2e;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipInputStream;

/**
 * A real Keycloak over HTTPS on loopback, its realm imported and its database in memory.
 *
 * <p>The distribution is unpacked and built once into the user's cache; each run has its own folder
 * with its own realm, and shares the libraries. It answers under whatever {@code localhost} port it
 * is asked on, so that a {@link TcpGate} can stand before it and play an outage.
 */
final class KeycloakServer implements AutoCloseable {
    private static final Duration READY = Duration.ofMinutes(5); // Busy machines are slow.
    private static final long BUILD_SECONDS = 240;
    private static final List<String> JAVA_FLAGS =
            List.of(
                    "-Xms64m",
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", // Short-lived: what the second compiler would cost.
                    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
                            + "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
                    "--add-opens=java.base/java.util=ALL-UNNAMED",
                    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
                    "--add-opens=java.base/java.security=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang=ALL-UNNAMED",
                    "--enable-native-access=ALL-UNNAMED");

    private final ChildProcess process;
    private final int port;

    private KeycloakServer(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Whether the build brought the distribution. */
    static boolean present() {
        return Files.isRegularFile(zip());
    }

    private static Path zip() {
        return Path.of(System.getProperty("portcullis.keycloak.zip", "absent"));
    }

    /** Starts it and waits until the realm's discovery document answers. */
    static KeycloakServer start(TestCertificates certificates, DoorNames names) throws IOException {
        var home = runFolder(builtDistribution());
        int port = Project.freePort();
        var arguments =
                List.of(
                        "start",
                        "--optimized",
                        "--import-realm",
                        "--cache=local",
                        "--hostname-strict=false",
                        "--http-enabled=false",
                        "--http-host=127.0.0.1",
                        "--https-port=" + port,
                        "--https-certificate-file=" + certificates.files().server(),
                        "--https-certificate-key-file=" + certificates.files().serverKey(),
                        // It calls the door when somebody leaves: whom it trusts, and the way.
                        "--truststore-paths=" + certificates.files().authority(),
                        "--spi-connections-http-client--default--proxy-mappings="
                                + TestCertificates.DOOR.replace(".", "\\.")
                                + ";http://127.0.0.1:"
                                + names.port());
        var process =
                ChildProcess.start(
                        command(home, arguments),
                        Map.of(
                                "KC_BOOTSTRAP_ADMIN_USERNAME",
                                KeycloakAdmin.NAME,
                                "KC_BOOTSTRAP_ADMIN_PASSWORD",
                                KeycloakAdmin.PASSWORD),
                        home,
                        Project.output("logs").resolve("keycloak.log"));
        var server = new KeycloakServer(process, port);
        server.awaitReady(certificates);
        return server;
    }

    private void awaitReady(TestCertificates certificates) throws IOException {
        var discovery = "/realms/" + Realm.NAME + "/.well-known/openid-configuration";
        var client = new HttpsClient(certificates);
        Await.until(
                "Keycloak's discovery document",
                READY,
                () -> {
                    if (!process.alive()) {
                        throw new IOException("Keycloak ended:\n" + process.lastPrinted());
                    }
                    return client.get(origin(port) + discovery)
                            .map(a -> a.status() == 200)
                            .orElse(false);
                });
    }

    /** Where it listens. */
    int port() {
        return port;
    }

    /** The issuer as seen through a {@code localhost} port. */
    static String issuer(int port) {
        return origin(port) + "/realms/" + Realm.NAME;
    }

    private static String origin(int port) {
        return "https://localhost:" + port;
    }

    @Override
    public void close() {
        process.close();
    }

    /** The shared libraries, the run's own configuration, realm and data. */
    private static Path runFolder(Path built) throws IOException {
        var home = Project.output("keycloak");
        Project.deleteTree(home);
        Files.createDirectories(home.resolve("data/import"));
        Files.createDirectories(home.resolve("providers"));
        Files.createDirectories(home.resolve("conf"));
        Files.createSymbolicLink(home.resolve("lib"), built.resolve("lib"));
        Files.writeString(home.resolve("data/import/team-realm.json"), Realm.json());
        return home;
    }

    private static Path builtDistribution() throws IOException {
        var version = System.getProperty("portcullis.keycloak.version", "unknown");
        var built = Project.cache().resolve("keycloak-" + version);
        var lock = Project.cache().resolve("keycloak.lock");
        try (var channel =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = channel.lock()) {
            if (held.isValid() && !Files.isDirectory(built)) {
                var fresh = Files.createTempDirectory(Project.cache(), "keycloak-new");
                unpack(zip(), fresh);
                build(fresh);
                Files.move(fresh, built, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return built;
    }

    /** Fixes the options that the server bakes in: 20 s once instead of at each start. */
    private static void build(Path home) throws IOException {
        var options =
                List.of(
                        "build",
                        "--db=dev-mem",
                        "--health-enabled=false",
                        "--metrics-enabled=false");
        try (var build =
                ChildProcess.start(
                        command(home, options),
                        Map.of(),
                        home,
                        Project.output("logs").resolve("keycloak-build.log"))) {
            if (build.exitCode(BUILD_SECONDS) != 0) {
                throw new IOException("Keycloak's build failed:\n" + build.lastPrinted());
            }
        }
    }

    private static List<String> command(Path home, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(Project.java());
        command.addAll(JAVA_FLAGS);
        command.add("-Dkc.home.dir=" + home);
        command.addAll(List.of("-cp", home.resolve("lib/quarkus-run.jar").toString()));
        command.add("io.quarkus.bootstrap.runner.QuarkusEntryPoint");
        command.addAll(arguments);
        return command;
    }

    private static void unpack(Path zip, Path into) throws IOException {
        try (var in = new ZipInputStream(Files.newInputStream(zip))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                var name = entry.getName();
                var below = name.substring(name.indexOf('/') + 1); // Without the version's folder.
                var file = into.resolve(below).normalize();
                if (!file.startsWith(into)) {
                    throw new IOException(name + ": leads out of the folder (expected: below it)");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(in, file);
                }
            }
        }
    }
}
