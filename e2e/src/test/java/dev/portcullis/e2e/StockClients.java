package dev.portcullis.e2e;

import dev.portcullis.demo.RealGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The stock {@code openclaw} as a client: each with a home of its own, as on another machine, and
 * nothing changed but its configuration and environment.
 */
final class StockClients {
    /** Where such clients reach the door: the Gateway must know it before it starts. */
    static final int PORT = port();

    /** For commands on the Gateway's own machine; the local way in needs it. */
    private static final String PASSWORD = "a-password-of-the-test-gateway-only";

    private final RealGateway gateway;
    private final TestCertificates certificates;
    private final Path folder;

    StockClients(RealGateway gateway, TestCertificates certificates) throws IOException {
        this.gateway = gateway;
        this.certificates = certificates;
        this.folder = Project.output("stock-clients");
        Project.deleteTree(folder);
        Files.createDirectories(folder);
    }

    private static int port() {
        try {
            return Project.freePort();
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * What the Gateway needs for them: where nodes reach it, and which scopes a person has who
     * comes without a device, as the stock CLI does.
     */
    static Map<String, Object> gatewayOverlay() {
        var scopes = Map.of(Realm.Person.ALICE.user(), List.of("operator.read", "operator.write"));
        var publicUrl = Map.of("publicUrl", "https://localhost:" + PORT);
        return Map.of(
                "gateway",
                Map.of("auth", Map.of("password", PASSWORD, "identityScopes", scopes)),
                "plugins",
                Map.of("entries", Map.of("device-pair", Map.of("config", publicUrl))));
    }

    /** A command on the Gateway's own machine, to its end; what it printed. */
    String atTheGateway(String... arguments) throws IOException {
        var output = folder.resolve("gateway-command.log");
        var command = command(arguments);
        try (var run = ChildProcess.start(command, gateway.commandEnvironment(), folder, output)) {
            if (run.exitCode(180) != 0) {
                throw new AssertionError("openclaw " + List.of(arguments) + ":\n" + run.printed());
            }
            return run.printed();
        }
    }

    /**
     * A stock client elsewhere.
     *
     * @param name of its home
     * @param configuration its {@code openclaw.json}
     */
    ChildProcess start(
            String name, String configuration, Map<String, String> more, String... arguments)
            throws IOException {
        var home = folder.resolve(name);
        var ours =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        for (var below : List.of("", "state", "tmp")) {
            Files.createDirectories(home.resolve(below), ours);
        }
        var file = home.resolve("openclaw.json");
        Files.writeString(file, configuration);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        var env = new HashMap<>(more);
        env.put("HOME", home.toString());
        env.put("TMPDIR", home.resolve("tmp").toString());
        env.put("OPENCLAW_HOME", home.toString());
        env.put("OPENCLAW_STATE_DIR", home.resolve("state").toString());
        env.put("OPENCLAW_CONFIG_PATH", file.toString());
        env.put("NODE_EXTRA_CA_CERTS", certificates.files().authority().toString());
        for (var on : List.of("OPENCLAW_NO_AUTO_UPDATE", "OPENCLAW_OFFLINE", "NO_COLOR")) {
            env.put(on, "1");
        }
        var output = folder.resolve(name + ".log");
        return ChildProcess.start(command(arguments), env, home, output);
    }

    private List<String> command(String... arguments) {
        var command = new ArrayList<>(gateway.program());
        command.addAll(List.of(arguments));
        return command;
    }

    /** The folder for whatever else a test needs. */
    Path folder() {
        return folder;
    }

    /**
     * A remote CLI's configuration.
     *
     * @param providers of secrets, as JSON
     * @param edgeAuth the headers for the door, as JSON
     */
    static String remote(String providers, String edgeAuth) {
        return """
        { "secrets": { "providers": %s },
          "gateway": { "mode": "remote", "remote": {
            "url": "wss://localhost:%d",
            "token": "a-placeholder-that-is-never-looked-at",
            "edgeAuth": %s } } }
        """
                .formatted(providers, PORT, edgeAuth);
    }
}
