package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * The stock OpenClaw CLI as a named person through {@code portcullis token}, and a stock node with
 * a service token, both through the built product to the real Gateway.
 */
@ExtendWith(RealParts.Provided.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class) // One person's evening: in, about, out.
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = RealParts.GATEWAY, mode = ResourceAccessMode.READ)
class StockClientsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String ORIGIN = "https://localhost:" + StockClients.PORT;

    private static RealParts real;
    private static StockClients clients;
    private static Sidecar door;

    @BeforeAll
    static void start(RealParts parts) throws IOException {
        real = parts;
        clients = new StockClients(parts.gateway(), parts.certificates());
        door =
                Sidecar.start(
                        parts.certificates(),
                        GatewayDoor.settings(parts)
                                .reachedAt(StockClients.PORT)
                                .section("cli", "{ client-id: " + Realm.CLI_CLIENT + " }")
                                .section("service-tokens", "{ node-routes: true }"));
    }

    @AfterAll
    static void stop() {
        if (door != null) { // Its parts may not have started.
            door.close();
        }
    }

    // --- people ------------------------------------------------------------------------------

    @Test
    @Order(1)
    void nobodySignedIn_tokenSaysSoAndTheCliIsRefused() throws IOException {
        var token = portcullis("token", ORIGIN);
        assertThat(token.code()).isEqualTo(1);
        assertThat(token.printed()).contains("sign in with: portcullis login " + ORIGIN);
        var cli = cli("nobody", throughPortcullisToken(), "gateway", "call", "sessions.list");
        assertThat(cli.code()).as(cli.printed()).isNotZero();
    }

    @Test
    @Order(2)
    void codeFlow_signsAPersonInThroughALoopbackPort() throws IOException {
        var login = login("--browser", "Sign in here: (https://\\S+)");
        assertThat(login.code()).as(login.printed()).isZero();
        assertThat(portcullis("token").printed().strip()).matches("ey[\\w-]+\\.[\\w.-]+");
    }

    @Test
    @Order(3)
    void stockCli_worksAsThatPerson() throws IOException {
        var cli =
                cli("cli", throughPortcullisToken(), "gateway", "call", "sessions.list", "--json");

        assertThat(cli.code()).as(cli.printed()).isZero();
        assertThat(cli.printed()).contains("\"totalCount\"");
        assertThat(door.audit())
                .anySatisfy(line ->
                        assertThat(line)
                                .contains("\"kind\":\"upgrade\"")
                                .contains("\"verdict\":\"allow\"")
                                .contains("\"user\":\"" + Realm.Person.ALICE.user() + "\"")
                                .contains("\"means\":\"token\""));
        assertThat(Files.readString(real.gateway().output()))
                .contains("authenticated user connected")
                .contains("user=" + Realm.Person.ALICE.user());
    }

    @Test
    @Order(4)
    void logout_endsIt() throws IOException {
        assertThat(portcullis("logout").code()).isZero();
        assertThat(portcullis("token", ORIGIN).code()).isEqualTo(1);
    }

    @Test
    @Order(5)
    void deviceFlow_signsAPersonIn() throws IOException {
        var login = login("--device", "or open (https://\\S+)");
        assertThat(login.code()).as(login.printed()).isZero();
        assertThat(login.printed()).contains("Signed in for " + ORIGIN);
        assertThat(portcullis("token", ORIGIN).printed().strip()).matches("ey[\\w-]+\\.[\\w.-]+");
    }

    // --- machines ----------------------------------------------------------------------------

    @Test
    @Order(6)
    void stockNode_joinsWithAServiceToken_andIsCutWhenItIsRevoked() throws IOException {
        var pair = serviceToken("build-node");
        var join = joinUrl();
        assertThat(new HttpsClient(real.certificates()).get(join).orElseThrow().status())
                .isEqualTo(401);
        try (var node = clients.start("node", "{}", pair, "connect", join)) {
            Await.until("the node's connection", PATIENCE, () -> isConnected(node));
            assertThat(machineLines("\"verdict\":\"allow\""))
                    .anyMatch(line -> line.contains("\"path\":\"/j/"))
                    .anyMatch(line -> line.contains("\"kind\":\"upgrade\""));

            var revoked = portcullis("service-token", "revoke", pair.get("CF_ACCESS_CLIENT_ID"));
            assertThat(revoked.code()).as(revoked.printed()).isZero();
            Await.until(
                    "the node's socket is closed",
                    PATIENCE,
                    () -> !machineLines("\"kind\":\"socket-close\"").isEmpty());
            assertThat(machineLines("\"kind\":\"socket-close\""))
                    .allMatch(line -> line.contains("\"reason\":\"service-token-revoked\""));
            Await.until(
                    "the node is refused",
                    PATIENCE,
                    () ->
                            door.audit().stream()
                                    .anyMatch(line ->
                                            line.contains("\"reason\":\"service-token-invalid\"")));
        }
    }

    @Test
    @Order(7)
    void serviceTokenAsAnOperator_isRefusedByTheGateway() throws IOException {
        var pair = serviceToken("would-be-operator");
        var edgeAuth =
                """
                { "CF-Access-Client-Id": "%s", "CF-Access-Client-Secret": "%s" }
                """
                        .formatted(
                                pair.get("CF_ACCESS_CLIENT_ID"),
                                pair.get("CF_ACCESS_CLIENT_SECRET"));
        var cli =
                cli(
                        "operator",
                        StockClients.remote("{}", edgeAuth),
                        "gateway",
                        "call",
                        "sessions.list",
                        "--json");
        assertThat(cli.code()).as(cli.printed()).isNotZero();
        assertThat(cli.printed()).contains("trusted_proxy_user_missing");
    }

    private static boolean isConnected(ChildProcess node) throws IOException {
        if (!node.alive()) {
            throw new AssertionError("the node ended:\n" + node.lastPrinted());
        }
        return node.printed().contains("node host gateway connected");
    }

    private static List<String> machineLines(String with) throws IOException {
        return door.audit().stream()
                .filter(line -> line.contains("\"user\":\"service-token:build-node\""))
                .filter(line -> line.contains(with))
                .toList();
    }

    private static String joinUrl() throws IOException {
        return clients.atTheGateway("devices", "join-code")
                .lines()
                .filter(line -> line.startsWith(ORIGIN + "/j/"))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> serviceToken(String name) throws IOException {
        var made = portcullis("service-token", "create", name);
        assertThat(made.code()).as(made.printed()).isZero();
        var pair = new HashMap<String, String>();
        made.printed()
                .lines()
                .filter(line -> line.startsWith("CF_ACCESS_"))
                .forEach(line -> pair.put(line.split("=", 2)[0], line.split("=", 2)[1]));
        return pair;
    }

    // --- processes ---------------------------------------------------------------------------

    private record Ran(int code, String printed) {}

    private static Ran ran(ChildProcess process) throws IOException {
        try (process) {
            int code = process.exitCode(PATIENCE.toSeconds());
            return new Ran(code, process.printed());
        }
    }

    private static Ran cli(String name, String configuration, String... arguments)
            throws IOException {
        return ran(clients.start(name, configuration, Map.of(), arguments));
    }

    private static Ran portcullis(String... arguments) throws IOException {
        return ran(startPortcullis(arguments));
    }

    private static ChildProcess startPortcullis(String... arguments) throws IOException {
        var command = product();
        command.addAll(List.of(arguments));
        var env =
                Map.of(
                        "XDG_STATE_HOME", clients.folder().resolve("state").toString(),
                        "PORTCULLIS_CONFIG", door.configuration().toString());
        var output = clients.folder().resolve("portcullis.log");
        return ChildProcess.start(command, env, clients.folder(), output);
    }

    private static List<String> product() throws IOException {
        var command = new ArrayList<String>();
        command.add(Project.java());
        command.addAll(Project.productFlags());
        command.addAll(List.of("-jar", Project.productJar().toString()));
        return command;
    }

    /** Signs in, with a person who does what the terminal says. */
    private static Ran login(String flow, String address) throws IOException {
        var ca = real.certificates().files().authority().toString();
        var process = startPortcullis("login", ORIGIN, flow, "--ca", ca);
        var pattern = Pattern.compile(address);
        var shown =
                Await.until(
                        "the address to open",
                        PATIENCE,
                        () -> {
                            if (!process.alive()) {
                                throw new AssertionError(process.printed());
                            }
                            var found = pattern.matcher(process.printed());
                            return found.find() ? Optional.of(found.group(1)) : Optional.empty();
                        });
        new PersonInABrowser(real.certificates(), Realm.Person.ALICE).open(shown);
        return ran(process);
    }

    /** As {@code docs/clients.md} says it. */
    private static String throughPortcullisToken() throws IOException {
        var script = clients.folder().resolve("portcullis-token");
        var state = clients.folder().resolve("state");
        Files.writeString(
                script,
                "#!/bin/sh\nXDG_STATE_HOME=%s exec %s token --bearer %s\n"
                        .formatted(state, String.join(" ", product()), ORIGIN));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return StockClients.remote(provider(script), EDGE_AUTH);
    }

    private static final String EDGE_AUTH =
            """
            { "Authorization": { "source": "exec", "provider": "portcullis", "id": "token" } }
            """;

    private static String provider(Path script) {
        return """
        { "portcullis": { "source": "exec", "command": "%s", "args": [],
          "jsonOnly": false, "passEnv": ["HOME"], "timeoutMs": 60000 } }
        """
                .formatted(script);
    }
}
