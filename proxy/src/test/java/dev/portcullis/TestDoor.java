package dev.portcullis;

import dev.portcullis.access.UserName;
import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionSecret;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.RecordedGateway;
import io.netty.pkitesting.CertificateBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The whole sidecar in this process, a recording stand-in behind it, and ways to sign in. */
public final class TestDoor implements AutoCloseable {
    /** The public host, and its Host header. */
    public static final String HOST = "claw.test";

    /** The secret name of the user header. */
    public static final String USER_HEADER = "x-door-user-0123456789abcdef0123456789abcdef";

    private final RecordedGateway gateway = new RecordedGateway();
    private final Path file;
    private final Portcullis portcullis;

    private TestDoor(Path folder, String tls, String allowed, String more, InstantSource clock)
            throws IOException {
        certificate(folder);
        file =
                Files.writeString(
                        folder.resolve("portcullis.yaml"),
                        """
                        listen: 127.0.0.1:0
                        redirect-listen: 127.0.0.1:0
                        public-origin: https://%s
                        tls: { certificate: tls.crt, key: tls.key%s }
                        gateway: { address: 127.0.0.1:%d, user-header: %s }
                        sign-in:
                          issuer: http://127.0.0.1:9
                          insecure-http-issuer: true
                          client-id: portcullis
                          client-secret: not-a-secret-in-a-test
                          groups-claim: groups
                        allow-users:
                          - alice@example.com
                          - { user: victor@example.com, role: viewer }
                          - { user: ada@example.com, role: admin }
                        %s
                        state: { directory: state }
                        audit: { directory: audit }
                        admin: { listen: 127.0.0.1:0 }
                        %s
                        """
                                .formatted(
                                        HOST,
                                        tls,
                                        gateway.address().getPort(),
                                        USER_HEADER,
                                        allowed,
                                        more));
        var reading = ConfigFile.read(origin());
        portcullis = Portcullis.start(config(reading), origin(), reading.files(), clock);
    }

    /** Starts one in that empty folder. */
    public static TestDoor open(Path folder) {
        return open(folder, "");
    }

    /**
     * Starts one.
     *
     * @param more further top-level blocks of the configuration
     */
    public static TestDoor open(Path folder, String more) {
        return open(folder, "", "", more);
    }

    /** Starts one with a further line of {@code allow-users}, indented by two. */
    public static TestDoor openAllowing(Path folder, String line) {
        return open(folder, "", line, "");
    }

    /**
     * Starts one that says more about TLS.
     *
     * @param tls further keys of {@code tls}, each after a comma
     */
    public static TestDoor openWithTls(Path folder, String tls, String more) {
        return open(folder, tls, "", more);
    }

    /** Starts one by that wall clock, with a further line of {@code allow-users}. */
    static TestDoor openBy(InstantSource clock, Path folder, String line) {
        return open(folder, "", line, "", clock);
    }

    private static TestDoor open(Path folder, String tls, String allowed, String more) {
        return open(folder, tls, allowed, more, InstantSource.system());
    }

    private static TestDoor open(
            Path folder, String tls, String allowed, String more, InstantSource clock) {
        try {
            return new TestDoor(folder, tls, allowed, more, clock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has it take over its configuration with a piece of it replaced. */
    public Reload reload(String piece, String by) {
        try {
            var text = Files.readString(file);
            if (!text.contains(piece)) {
                throw new AssertionError("not in the configuration: " + piece);
            }
            Files.writeString(file, text.replace(piece, by));
            return portcullis.reload();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts another certificate and its key where the configuration has them. */
    public void newCertificate() {
        try {
            certificate(file.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The configuration file, for what edits it. */
    public Path file() {
        return file;
    }

    private ConfigFile.Origin origin() {
        return new ConfigFile.Origin(file, Map.of());
    }

    private static PortcullisConfig config(ConfigFile.Reading reading) {
        return switch (reading.result()) {
            case ConfigFile.Loaded(var config, _) -> config;
            case ConfigFile.Invalid(var problems) -> throw new AssertionError(problems.toString());
        };
    }

    private static void certificate(Path folder) throws IOException {
        try {
            var bundle =
                    new CertificateBuilder()
                            .subject("CN=" + HOST)
                            .addSanDnsName(HOST)
                            .ecp256()
                            .setIsCertificateAuthority(true)
                            .buildSelfSigned();
            Files.writeString(folder.resolve("tls.crt"), bundle.getCertificatePathPEM());
            var key = Files.writeString(folder.resolve("tls.key"), bundle.getPrivateKeyPEM());
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public RecordedGateway gateway() {
        return gateway;
    }

    public Portcullis portcullis() {
        return portcullis;
    }

    /** A fresh TLS connection with the right server name. */
    public RawClient connect() {
        return new RawClient(portcullis.address(), HOST);
    }

    /** A fresh HTTP/2 connection, its preface and empty SETTINGS sent. */
    public Http2Client connectHttp2() {
        return new Http2Client(
                new RawClient(portcullis.address(), HOST, List.of("h2", "http/1.1")));
    }

    /** Connects anew until the door shows a certificate of that kind. */
    public RawClient connectUntil(Predicate<X509Certificate> shown) {
        while (true) {
            var client = connect();
            if (shown.test(client.certificate())) {
                return client;
            }
            client.close();
        }
    }

    /** Sends the bytes on a connection of their own; what comes back until the door closes it. */
    public String exchange(String bytes) {
        try (var client = connect()) {
            return client.send(bytes).readToEnd();
        }
    }

    /** A session of that user; its cookie as {@code name=value}. */
    public String signIn(String user) {
        var secret = SessionSecret.random();
        var now = Instant.now();
        var session =
                new Session(
                        SessionSecret.reference(secret.key()),
                        UserName.canonical(user).orElseThrow(),
                        Set.of(),
                        "http://127.0.0.1:9",
                        user,
                        null,
                        null,
                        now,
                        now.plus(Duration.ofHours(1)),
                        Duration.ofMinutes(30));
        portcullis.sessions().put(secret.key(), session).toCompletableFuture().join();
        return "__Host-portcullis=" + secret.expose();
    }

    @Override
    public void close() {
        portcullis.close();
        gateway.close();
    }
}
