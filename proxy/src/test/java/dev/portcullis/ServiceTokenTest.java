package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.cli.Cli;
import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine with a service token, as bytes through the door: made, used, revoked by command. */
class ServiceTokenTest {
    private static final String JOIN = "/j/AbCdEfGhIjKlMnOpQrSt-_";
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final byte[] PING = {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0};
    private static final Duration SOON = Duration.ofSeconds(5);

    @TempDir static Path folder;
    @TempDir static Path closedFolder;
    private static TestDoor door;
    private static Pair node;

    private record Pair(String id, String secret) {
        String fields() {
            return fields(id, secret);
        }

        static String fields(String id, String secret) {
            return "CF-Access-Client-Id: %s\r\nCF-Access-Client-Secret: %s\r\n"
                    .formatted(id, secret);
        }
    }

    @BeforeAll
    static void open() {
        door =
                TestDoor.open(
                        folder,
                        "service-tokens: { node-routes: true }\n"
                                + "rate-limits: { address: { rate: 50000/s, burst: 50000 },"
                                + " tokens: { failures: 1000 } }");
        node = create(folder, "build-node");
        await(() -> get(JOIN, node.fields()).startsWith("HTTP/1.1 200 "));
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @BeforeEach
    void startOver() {
        door.gateway().startOver();
        door.gateway().answers(RecordedGateway.OK);
    }

    // --- refused -----------------------------------------------------------------------------

    @Test
    void wrongPair_gets401WhateverIsWrongWithIt() {
        var other = create(folder, "other");
        for (var fields :
                List.of(
                        Pair.fields(node.id(), other.secret()),
                        Pair.fields(node.id(), node.secret() + "x"),
                        Pair.fields(node.id(), node.secret().substring(1)),
                        Pair.fields(node.id(), ""),
                        Pair.fields("", node.secret()),
                        Pair.fields("0123456789abcdef", node.secret()),
                        Pair.fields(node.secret(), node.id()))) {
            refused(401, JOIN, fields);
        }
        assertThat(audit()).contains("\"reason\":\"service-token-invalid\"");
    }

    @Test
    void halfAPairOrTwo_gets400() {
        refused(400, JOIN, "CF-Access-Client-Id: " + node.id() + "\r\n");
        refused(400, JOIN, "CF-Access-Client-Secret: " + node.secret() + "\r\n");
        refused(400, JOIN, node.fields() + node.fields());
        refused(400, JOIN, node.fields() + "CF-Access-Client-Id: x\r\n");
    }

    @Test
    void pairBesideACookieOrAToken_gets400() {
        refused(400, JOIN, node.fields() + "Cookie: " + door.signIn("ada@example.com") + "\r\n");
        refused(400, JOIN, node.fields() + "Cookie: __Host-portcullis=x\r\n");
        refused(400, JOIN, node.fields() + "Authorization: Bearer x\r\n");
        refused(400, JOIN, node.fields() + "Authorization: Basic eDp5\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/control-ui-config.json", "/tools/invoke", "/j/x", "/a" + JOIN})
    void anyOtherRoute_gets403AndNeverASignIn(String path) {
        refused(403, path, node.fields() + "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n");
    }

    @Test
    void personOnANodeRoute_isStillRefused() {
        refused(403, JOIN, "Cookie: " + door.signIn("ada@example.com") + "\r\n");
    }

    @Test
    void closedByConfiguration_nothingIsOpenToIt() {
        try (var closed = TestDoor.open(closedFolder)) {
            var pair = create(closedFolder, "build-node");
            assertThat(closed.exchange(request(JOIN, pair.fields()))).startsWith("HTTP/1.1 401 ");
            assertThat(closed.gateway().bytes()).isEmpty();
        }
    }

    @Test
    void tokenThatEnded_gets401() throws IOException {
        var pair = create(folder, "short", "--until", "2099-01-01T00:00:00Z");
        await(() -> get(JOIN, pair.fields()).startsWith("HTTP/1.1 200 "));
        var file = folder.resolve("state/service-tokens");
        rewrite(file, Files.readString(file).replace("2099-01-01", "2026-01-01"));
        await(() -> get(JOIN, pair.fields()).startsWith("HTTP/1.1 401 "));
    }

    // --- passed ------------------------------------------------------------------------------

    @Test
    void nodeRoute_isRelayedWithoutAUserAndWithNoScopes() {
        assertThat(get(JOIN, node.fields())).startsWith("HTTP/1.1 200 ");
        assertThat(door.gateway().heads())
                .containsExactly(
                        "GET "
                                + JOIN
                                + " HTTP/1.1\r\nhost: claw.test\r\nx-forwarded-proto: https\r\n"
                                + "x-forwarded-host: claw.test\r\nx-forwarded-for: 192.0.2.1\r\n"
                                + "x-openclaw-scopes: \r\n\r\n");
        assertThat(audit())
                .contains("\"user\":\"service-token:build-node\"")
                .contains("\"means\":\"service-token\"")
                .contains(node.id())
                .doesNotContain(node.secret());
    }

    @Test
    void forgedIdentity_staysOutsideAllTheSame() {
        var answer =
                get(
                        JOIN,
                        node.fields()
                                + TestDoor.USER_HEADER
                                + ": alice@example.com\r\nX-OpenClaw-Scopes: operator.admin\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(door.gateway().bytes())
                .doesNotContain("alice")
                .doesNotContain("operator")
                .contains("x-openclaw-scopes: \r\n");
    }

    @Test
    void socket_opensAsNobody_andEndsWhenRevoked() {
        var pair = create(folder, "short-lived");
        await(() -> get(JOIN, pair.fields()).startsWith("HTTP/1.1 200 "));
        door.gateway().forget();
        door.gateway().answers(ServiceTokenTest::switchProtocols);
        try (var client = socket(pair);
                var other = socket(node)) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(other.readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(door.gateway().heads().getFirst())
                    .contains("x-openclaw-scopes: \r\n")
                    .doesNotContain(TestDoor.USER_HEADER);
            assertThat(command(folder, "service-token", "revoke", pair.id()).code()).isZero();
            assertThat(client.readByte()).isEqualTo(0x88); // A close frame.
            assertThat(client.readByte()).isPositive();
            assertThat(client.read(2).chars().toArray()).containsExactly(4401 >> 8, 4401 & 0xFF);
            other.send(PING);
            assertThat(other.readByte()).isEqualTo(0x8A); // Still there.
        }
        door.gateway().forget();
        refused(401, JOIN, pair.fields());
        await(() -> audit().contains("\"reason\":\"service-token-revoked\""));
    }

    @Test
    void damagedFile_changesNothing() throws IOException {
        var file = folder.resolve("state/service-tokens");
        var before = Files.readString(file);
        rewrite(file, before + "rubbish\n");
        var command = command(folder, "service-token", "list");
        assertThat(command.code()).isEqualTo(1);
        assertThat(command.err()).contains("not a service token");
        assertThat(get(JOIN, node.fields())).startsWith("HTTP/1.1 200 ");
        rewrite(file, before);
    }

    // --- the command -------------------------------------------------------------------------

    @Test
    void list_namesTheTokensAndNoSecret() throws IOException {
        var listed = command(folder, "service-token", "list");
        assertThat(listed.code()).isZero();
        assertThat(listed.out())
                .contains(node.id())
                .contains("build-node")
                .doesNotContain(node.secret());
        assertThat(command(folder, "service-token", "list", "--json").out())
                .contains("{\"id\":\"" + node.id() + "\",\"name\":\"build-node\",\"created\":\"");
        var file = folder.resolve("state/service-tokens");
        assertThat(Files.readString(file)).doesNotContain(node.secret());
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    }

    @Test
    void wrongUsage_isNamed() {
        assertThat(command(folder, "service-token", "create", "Not A Name").code()).isEqualTo(2);
        assertThat(command(folder, "service-token", "create", "x", "--until", "soon").code())
                .isEqualTo(2);
        assertThat(
                        command(
                                        folder,
                                        "service-token",
                                        "create",
                                        "x",
                                        "--until",
                                        "2020-01-01T00:00:00Z")
                                .code())
                .isEqualTo(2);
        assertThat(command(folder, "service-token").code()).isEqualTo(2);
        assertThat(command(folder, "service-token", "revoke", "0000000000000000").code())
                .isEqualTo(1);
    }

    private record Ran(int code, String out, String err) {}

    private static Ran command(Path folder, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var env = Map.of("PORTCULLIS_CONFIG", folder.resolve("portcullis.yaml").toString());
        int code = Cli.run(env, new PrintWriter(out), new PrintWriter(err), arguments);
        return new Ran(code, out.toString(), err.toString());
    }

    private static Pair create(Path folder, String name, String... more) {
        var arguments = new ArrayList<>(List.of("service-token", "create", name));
        arguments.addAll(List.of(more));
        var ran = command(folder, arguments.toArray(String[]::new));
        assertThat(ran.code()).as(ran.err()).isZero();
        var lines = ran.out().lines().toList();
        return new Pair(
                lines.get(0).replace("CF_ACCESS_CLIENT_ID=", ""),
                lines.get(1).replace("CF_ACCESS_CLIENT_SECRET=", ""));
    }

    private static void rewrite(Path file, String text) throws IOException {
        var aside = Files.createTempFile(file.getParent(), "by-hand", "");
        Files.writeString(aside, text);
        Files.move(
                aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String request(String path, String fields) {
        return "GET "
                + path
                + " HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\n"
                + fields
                + "\r\n";
    }

    private static String get(String path, String fields) {
        return door.exchange(request(path, fields));
    }

    private static void refused(int status, String path, String fields) {
        assertThat(get(path, fields)).as(fields).startsWith("HTTP/1.1 " + status + " ");
        assertThat(door.gateway().bytes()).isEmpty();
    }

    private static RawClient socket(Pair pair) {
        return door.connect()
                .send(
                        "GET / HTTP/1.1\r\nHost: claw.test\r\nConnection: Upgrade\r\n"
                                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: "
                                + KEY
                                + "\r\n"
                                + pair.fields()
                                + "\r\n");
    }

    /** Opens, then answers pings. */
    private static boolean switchProtocols(String head, Socket connection) throws IOException {
        RecordedGateway.openSocket(head, connection);
        while (connection.getInputStream().readNBytes(PING.length).length == PING.length) {
            connection.getOutputStream().write(new byte[] {(byte) 0x8A, 0});
        }
        return false;
    }

    private static String audit() {
        try {
            return Files.readString(folder.resolve("audit/audit.jsonl"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
