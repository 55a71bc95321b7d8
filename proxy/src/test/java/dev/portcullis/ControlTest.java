package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.cli.Cli;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A running sidecar is told what to do: by commands over its socket, and by its files. */
@Timeout(60)
class ControlTest {
    @TempDir Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private TestDoor door;

    @BeforeEach
    void open() {
        door = TestDoor.open(folder);
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void socket_isOursAloneAndGoesWithTheSidecar() throws IOException {
        var socket = folder.resolve("state/control.sock");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())))
                .isEqualTo("rwx------");
        door.close();
        assertThat(socket).doesNotExist();
    }

    @Test
    void noSidecar_isSaidInOneLine() {
        door.close();
        assertThat(command("sessions", "list")).isEqualTo(1);
        assertThat(err.toString()).contains("control.sock: no sidecar runs there").hasLineCount(1);
    }

    @Test
    void socketLeftBehind_isReplacedAndOneInUseIsNot(@TempDir Path other) throws IOException {
        var stale = other.resolve("state/control.sock");
        Files.createDirectory(
                stale.getParent(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(stale));
        }
        try (var second = TestDoor.open(other)) {
            assertThat(second.portcullis().address()).isNotNull();
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> TestDoor.open(other)))
                    .hasMessageContaining("found it in use");
        }
    }

    @Test
    void kill_endsTheUsersSessionsAndCutsHisSocketsAndNobodyElses() throws IOException {
        try (var alice = socketOf("alice@example.com");
                var ada = socketOf("ada@example.com")) {
            assertThat(command("sessions", "kill", "--user", "Alice@Example.com")).isZero();
            assertThat(alice.closeCode()).isEqualTo(4401);
            ada.ping();
        }
        assertThat(out.toString()).startsWith("sessions ended: 1");
        assertThat(audit()).contains("\"kind\":\"session-end\"").contains("session-killed");
    }

    @Test
    void killOfNobody_isRefused() {
        assertThat(command("sessions", "kill", "--session", "nobody")).isEqualTo(1);
        assertThat(command("sessions", "kill", "--user", "eve@example.com")).isEqualTo(1);
    }

    @Test
    void killedSession_losesItsCookieWithTheNextAnswer() {
        var cookie = door.signIn("alice@example.com");
        assertThat(command("sessions", "kill", "--all")).isZero();
        var answer =
                door.exchange(
                        "GET /api/x HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\nCookie: "
                                + cookie
                                + "\r\n\r\n");
        assertThat(answer)
                .startsWith("HTTP/1.1 401 ")
                .contains("set-cookie: __Host-portcullis=; Max-Age=0");
    }

    @Test
    void list_tellsWhoAndHowMuchIsOpenAndNoSecret() {
        var cookie = door.signIn("alice@example.com");
        try (var _ = DoorSocket.open(door, "Cookie: " + cookie)) {
            door.signIn("ada@example.com");
            assertThat(command("sessions", "list", "--json", "--user", "alice@example.com"))
                    .isZero();
            assertThat(out.toString())
                    .contains("\"user\":\"alice@example.com\"")
                    .contains("\"open\":1")
                    .doesNotContain("ada@")
                    .doesNotContain(cookie.substring(cookie.indexOf('=') + 1))
                    .hasLineCount(1);
            assertThat(command("sessions", "list")).isZero();
            assertThat(out.toString()).contains("SESSION").contains("ada@example.com");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"verb\":\"rm\"}\n",
                "{\"verb\":7}\n",
                "{\"verb\":\"reload\",\"verb\":\"reload\"}\n",
                "{\"verb\":\"sessions-kill\"}\n",
                "{\"verb\":\"sessions-kill\",\"user\":\"two words\"}\n",
                "{\"verb\":\"sessions-kill\",\"all\":{}}\n",
                "nonsense\n",
            })
    void whatIsNoCommand_isRefused(String line) throws IOException {
        door.signIn("alice@example.com");
        assertThat(raw(line)).endsWith("{\"end\":\"refused\"}\n");
        assertThat(command("sessions", "list")).isZero();
        assertThat(out.toString()).contains("alice@example.com");
    }

    @Test
    void requestWithoutEnd_isReadNoFurtherThanItsBound() throws IOException {
        assertThat(raw("x".repeat(4096))).endsWith("{\"end\":\"refused\"}\n");
    }

    @Test
    void reloadOfABadFile_saysWhyAndStaysAnAlarm() throws IOException {
        var good = Files.readString(door.file());
        Files.writeString(door.file(), good.replace("role: admin", "role: emperor"));
        var socket = folder.resolve("state/control.sock").toString();
        assertThat(command("reload", "--socket", socket)).isEqualTo(1);
        assertThat(err.toString()).contains("emperor");
        assertThat(door.portcullis().meters().scrape())
                .contains("portcullis_reload_failed 1.0")
                .contains("portcullis_reloads_total{outcome=\"refused\"}");
        Files.writeString(door.file(), good);
        assertThat(command("reload")).isZero();
        assertThat(door.portcullis().meters().scrape()).contains("portcullis_reload_failed 0.0");
        assertThat(audit()).contains("\"reason\":\"reload-refused\"").contains("\"reloaded\"");
    }

    @Test
    void fileThatIsReplaced_isTakenOverByItself() throws IOException {
        try (var alice = socketOf("alice@example.com");
                var ada = socketOf("ada@example.com")) {
            var next = folder.resolve("next.yaml");
            Files.writeString(
                    next, Files.readString(door.file()).replace("  - alice@example.com\n", ""));
            Files.move(next, door.file(), StandardCopyOption.ATOMIC_MOVE);
            assertThat(alice.closeCode()).isEqualTo(4401);
            ada.ping();
        }
    }

    @Test
    void keyThatDoesNotFitYet_changesNothingUntilItsCertificateIsThere() {
        try (var before = door.connect()) {
            var shown = before.certificate();
            door.newCertificate();
            try (var after = door.connectUntil(certificate -> !certificate.equals(shown))) {
                assertThat(after.certificate()).isNotEqualTo(shown);
            }
        }
    }

    private DoorSocket socketOf(String user) {
        return DoorSocket.open(door, "Cookie: " + door.signIn(user));
    }

    private int command(String... arguments) {
        var all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = door.file().toString();
        return Cli.run(Map.of(), new PrintWriter(out, true), new PrintWriter(err, true), all);
    }

    private String raw(String request) throws IOException {
        var address = UnixDomainSocketAddress.of(folder.resolve("state/control.sock"));
        try (var channel = SocketChannel.open(address)) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            var answer = ByteBuffer.allocate(8192);
            while (channel.read(answer) >= 0) {
                assertThat(answer.hasRemaining()).isTrue();
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        }
    }

    private String audit() throws IOException {
        door.close(); // Writes out what was taken.
        return Files.readString(folder.resolve("audit/audit.jsonl"));
    }
}
