package dev.portcullis.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Portcullis as it ships, with its own flags and everything on. Its limits stand where the load of
 * a comparison does not reach them; none is switched off.
 */
public final class Sidecar {
    private static final String USER_HEADER = "x-sidecar-user-6f1d0c5a9be248376f1d0c5a9be24837";

    private Sidecar() {}

    /**
     * A running one.
     *
     * @param admin the port for operators
     */
    public record Running(Subject subject, int admin) implements AutoCloseable {
        @Override
        public void close() {
            subject.close();
        }
    }

    /** Starts one. */
    public static Running start(Rig rig, String name, String limits)
            throws IOException, InterruptedException {
        int port = Subject.freePort();
        int admin = Subject.freePort();
        var folder = rig.folder(name);
        var file = folder.resolve("portcullis.yaml");
        Files.writeString(file, configuration(rig, folder, port, admin, limits));
        var command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + rig.home().resolve("config/jvm.options"),
                        "-jar",
                        rig.home().resolve("proxy/target/portcullis-all.jar").toString(),
                        "run",
                        "--config",
                        file.toString());
        var log = folder.resolve("log");
        return new Running(Subject.start(name, rig.proxyCore(), port, log, command), admin);
    }

    private static String configuration(Rig rig, Path folder, int port, int admin, String limits) {
        return """
        listen: 127.0.0.1:%1$d
        public-origin: https://%2$s
        tls: { certificate: %3$s, key: %4$s, insecure-development-certificates: true }
        gateway: { address: 127.0.0.1:%5$d, user-header: %6$s }
        sign-in:
          issuer: %7$s
          client-id: %8$s
          client-secret: %9$s
          insecure-http-issuer: true
        tokens:
          - { issuer: %7$s, audience: %10$s, insecure-http-issuer: true, algorithms: [RS256, ES256] }
        allow-users: [%11$s]
        state: { directory: %12$s }
        audit: { directory: %13$s }
        admin: { listen: 127.0.0.1:%14$d }
        %15$s
        """
                .formatted(
                        port,
                        Wire.HOST,
                        rig.certificates().server(),
                        rig.certificates().serverKey(),
                        rig.backend().port(),
                        USER_HEADER,
                        rig.issuer().uri(),
                        Issuer.CLIENT,
                        Issuer.SECRET,
                        Issuer.AUDIENCE,
                        Wire.USER,
                        folder.resolve("state"),
                        folder.resolve("audit"),
                        admin,
                        limits);
    }
}
