package dev.portcullis.demo;

import dev.portcullis.certs.DevelopmentCertificates;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Portcullis as it ships: its jar, in a Java of its own, with the product's flags and a file. */
final class PortcullisProcess {
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);
    private static final int POLL_MILLIS = 200;

    private PortcullisProcess() {}

    /**
     * What goes into the file.
     *
     * @param folder for the file, state and audit
     * @param clientSecret known to the identity provider too
     * @param userHeader known to the Gateway too
     */
    record Settings(
            Path folder,
            int port,
            int adminPort,
            DevelopmentCertificates certificates,
            InetSocketAddress gateway,
            URI issuer,
            String clientSecret,
            String userHeader) {
        URI origin() {
            return URI.create("https://localhost:" + port);
        }

        Path log() {
            return folder.resolve("portcullis.log");
        }

        Path file() {
            return folder.resolve("portcullis.yaml");
        }
    }

    /**
     * Starts it and returns when it answers on its public address.
     *
     * @param home the checkout, with the jar built
     * @throws IOException if it exits or does not answer within a minute
     */
    static Process start(Path home, Settings settings, Children children)
            throws IOException, InterruptedException {
        write(settings);
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        var command =
                new ProcessBuilder(
                        java.toString(),
                        "@" + home.resolve("config/jvm.options"),
                        "-jar",
                        home.resolve("proxy/target/portcullis-all.jar").toString(),
                        "run",
                        "--config",
                        settings.file().toString());
        var process = children.start(command, settings.log());
        var begin = Instant.now();
        try (var client =
                HttpClient.newBuilder()
                        .sslContext(DevelopmentTls.client(settings.certificates()))
                        .build()) {
            while (!answers(client, settings.origin())) {
                if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new IOException("Portcullis exited: " + Files.readString(settings.log()));
                }
                if (begin.plus(READY_LIMIT).isBefore(Instant.now())) {
                    throw new IOException(
                            "no answer after a minute: " + Files.readString(settings.log()));
                }
            }
        }
        return process;
    }

    private static void write(Settings settings) throws IOException {
        secret(settings.folder().resolve("client-secret"), settings.clientSecret());
        secret(settings.folder().resolve("user-header"), settings.userHeader());
        for (var folder : new String[] {"state", "audit"}) {
            Files.createDirectory(
                    settings.folder().resolve(folder),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
        var certificates = settings.certificates();
        Files.writeString(
                settings.file(),
                """
                listen: 127.0.0.1:%d
                public-origin: %s
                tls:
                  certificate: %s
                  key: %s
                  insecure-development-certificates: true
                gateway:
                  address: 127.0.0.1:%d
                  user-header: ${file:user-header}
                sign-in:
                  issuer: %s
                  client-id: portcullis
                  client-secret: ${file:client-secret}
                  ca: %s
                allow-users:
                  - %s
                state: { directory: state }
                audit: { directory: audit }
                admin: { listen: 127.0.0.1:%d }
                # Nobody waits for a demo to stop.
                limits: { drain-jitter: 0s, drain-grace: 1s }
                """
                        .formatted(
                                settings.port(),
                                settings.origin(),
                                certificates.server(),
                                certificates.serverKey(),
                                settings.gateway().getPort(),
                                settings.issuer(),
                                certificates.authority(),
                                DevelopmentUser.ALICE.email(),
                                settings.adminPort()));
    }

    private static void secret(Path file, String value) throws IOException {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, value, StandardCharsets.US_ASCII);
    }

    /** Any answer will do: without a session it is a redirect. */
    private static boolean answers(HttpClient client, URI origin) throws InterruptedException {
        var request =
                HttpRequest.newBuilder(origin.resolve("/"))
                        .header("Accept", "text/html")
                        .timeout(Duration.ofSeconds(5))
                        .build();
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode() < 500;
        } catch (IOException _) {
            return false;
        }
    }
}
