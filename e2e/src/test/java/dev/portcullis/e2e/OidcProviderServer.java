package dev.portcullis.e2e;

import dev.portcullis.demo.GatewayInstall;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Node {@code oidc-provider} over HTTPS on loopback: a second provider, stricter than the first. It
 * takes pushed requests only, knows its client by a key, rotates refresh tokens and calls back when
 * somebody leaves. Access tokens are good for ten seconds.
 */
final class OidcProviderServer implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);
    private static final long INSTALL_SECONDS = 300;
    private static final List<String> FILES =
            List.of("package.json", "package-lock.json", "provider.mjs");
    private static final String KEY_ID = "client-key-1";

    private final ChildProcess process;
    private final int port;
    private final Path folder;

    private OidcProviderServer(ChildProcess process, int port, Path folder) {
        this.process = process;
        this.port = port;
        this.folder = folder;
    }

    /** Starts it and waits until it listens. */
    static OidcProviderServer start(TestCertificates certificates, Path node) throws IOException {
        var folder = Project.output("oidc-provider");
        int port = Project.freePort();
        writeClientKey(folder);
        Files.writeString(folder.resolve("door-port"), "1");
        var environment =
                Map.of(
                        "PORT",
                        Integer.toString(port),
                        "CERTIFICATE",
                        certificates.files().server().toString(),
                        "KEY",
                        certificates.files().serverKey().toString(),
                        "AUTHORITY",
                        certificates.files().authority().toString(),
                        "CLIENT_KEY",
                        folder.resolve("client.pub").toString(),
                        "CLIENT_KEY_ID",
                        KEY_ID,
                        "DOOR",
                        TestCertificates.DOOR,
                        "DOOR_PORT_FILE",
                        folder.resolve("door-port").toString());
        var process =
                ChildProcess.start(
                        List.of(node.toString(), "provider.mjs"),
                        environment,
                        installed(),
                        folder.resolve("oidc-provider.log"));
        var server = new OidcProviderServer(process, port, folder);
        Await.until(
                "oidc-provider",
                READY,
                () -> {
                    if (!process.alive()) {
                        throw new IOException("it ended:\n" + process.lastPrinted());
                    }
                    return server.printed().contains("listening");
                });
        return server;
    }

    String issuer() {
        return "https://localhost:" + port;
    }

    /** The settings of a sidecar that proves itself by the key that this server knows. */
    SidecarSettings settings(TestCertificates certificates, int gatewayPort) {
        return new SidecarSettings(certificates, gatewayPort, issuer())
                .provingItselfBy(
                        "client-key: "
                                + folder.resolve("client.key")
                                + ", client-key-id: "
                                + KEY_ID);
    }

    /** From now on it calls that door when somebody leaves. */
    void calls(Sidecar door) throws IOException {
        Files.writeString(folder.resolve("door-port"), Integer.toString(door.port()));
    }

    /** What it has said so far. */
    String printed() throws IOException {
        return process.printed();
    }

    /** How often it reported that event. */
    long count(String event) throws IOException {
        return printed().lines().filter(line -> line.startsWith("event " + event)).count();
    }

    @Override
    public void close() {
        process.close();
    }

    private static void writeClientKey(Path folder) throws IOException {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            var pair = generator.generateKeyPair();
            write(folder.resolve("client.key"), "PRIVATE KEY", pair.getPrivate().getEncoded());
            write(folder.resolve("client.pub"), "PUBLIC KEY", pair.getPublic().getEncoded());
        } catch (GeneralSecurityException everyPlatformHasIt) {
            throw new IOException(everyPlatformHasIt);
        }
    }

    private static void write(Path file, String kind, byte[] encoded) throws IOException {
        Files.writeString(
                file,
                "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                        .formatted(kind, Base64.getMimeEncoder().encodeToString(encoded), kind));
    }

    /** The pinned packages, fetched once into the user's cache. */
    private static Path installed() throws IOException {
        var name = "oidc-provider-" + Integer.toHexString(resource("package-lock.json").hashCode());
        var target = Project.cache().resolve(name);
        var lock = Project.cache().resolve("oidc-provider.lock");
        try (var channel =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = channel.lock()) {
            if (held.isValid() && !Files.isDirectory(target)) {
                var fresh = Files.createTempDirectory(Project.cache(), "oidc-provider-new");
                copyInto(fresh);
                install(fresh);
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
            }
            copyInto(target); // The script may be newer than the packages.
        }
        return target;
    }

    private static void copyInto(Path folder) throws IOException {
        for (var file : FILES) {
            Files.writeString(folder.resolve(file), resource(file), StandardCharsets.UTF_8);
        }
    }

    private static void install(Path folder) throws IOException {
        var command =
                List.of(
                        "npm",
                        "ci",
                        "--ignore-scripts",
                        "--no-audit",
                        "--no-fund",
                        "--no-update-notifier",
                        "--loglevel=error");
        try (var npm =
                ChildProcess.start(
                        command,
                        Map.of(),
                        folder,
                        Project.output("logs").resolve("oidc-provider-install.log"))) {
            if (npm.exitCode(INSTALL_SECONDS) != 0) {
                throw new IOException("npm ci failed:\n" + npm.lastPrinted());
            }
        }
    }

    private static String resource(String name) throws IOException {
        try (var in = OidcProviderServer.class.getResourceAsStream("oidc-provider/" + name)) {
            if (in == null) {
                throw new IOException("oidc-provider/" + name + ": not found");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Why it cannot be started here, or null. */
    static String obstacle() {
        return GatewayInstall.obstacle(System.getenv()).orElse(null);
    }
}
