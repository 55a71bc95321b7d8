package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.session.SessionSecret;
import dev.portcullis.testing.Await;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A running sidecar takes over a configuration whole, or not at all. */
@Timeout(60)
class ReloadTest {
    private static final String ADMIN = "admin: { listen: 127.0.0.1:0 }\n";

    @TempDir Path folder;
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
    void userWhoIsNotListedAnyMore_losesHisSocketAndTheOthersKeepTheirs() {
        try (var alice = socketOf("alice@example.com");
                var ada = socketOf("ada@example.com")) {
            assertThat(door.reload("  - alice@example.com\n", "")).isEqualTo(new Reload.Done());
            assertThat(alice.closeCode()).isEqualTo(4401);
            ada.ping();
        }
        var cookie = door.signIn("alice@example.com");
        assertThat(door.exchange(get(cookie))).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void userWhoIsNotListedAnyMore_isSignedOutAndTheOthersAreNot() {
        var alice = door.signIn("alice@example.com");
        var ada = door.signIn("ada@example.com");
        door.reload("  - alice@example.com\n", "");
        assertThat(door.exchange(get(alice)))
                .startsWith("HTTP/1.1 401 ")
                .contains("__Host-portcullis=; Max-Age=0");
        assertThat(door.exchange(get(ada))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void userWithAnotherRole_mustConnectAgain() {
        try (var victor = socketOf("victor@example.com");
                var ada = socketOf("ada@example.com")) {
            door.reload("role: viewer", "role: operator");
            assertThat(victor.closeCode()).isEqualTo(4401);
            ada.ping();
        }
    }

    @Test
    void grantThatNowEnds_takesTheSocketAlongWhenItDoes() {
        try (var ada = socketOf("ada@example.com")) {
            var until = Instant.now().plusSeconds(2);
            door.reload("role: admin }", "role: admin, until: " + until + " }");
            assertThat(ada.closeCode()).isEqualTo(4401);
        }
    }

    @Test
    void sessionThatIsNowAnotherPersons_losesItsSocket() {
        var cookie = door.signIn("alice@example.com");
        try (var socket = DoorSocket.open(door, "Cookie: " + cookie)) {
            door.reload("  - alice@example.com\n", "  - alice@example.com\n  - bob@example.com\n");
            refreshed(cookie, "bob@example.com", Set.of());
            assertThat(socket.closeCode()).isEqualTo(4401);
        }
    }

    @Test
    void whatARefreshSaid_countsWhenTheRulesChange() {
        var cookie = door.signIn("alice@example.com");
        try (var alice = DoorSocket.open(door, "Cookie: " + cookie)) {
            refreshed(cookie, "alice@example.com", Set.of("staff"));
            door.reload("  - alice@example.com\n", "  - { group: staff }\n");
            alice.ping();
        }
    }

    /** What a refresh does: the store knows first, then everything that is open. */
    private void refreshed(String cookie, String user, Set<String> groups) {
        var sent = cookie.substring(cookie.indexOf('=') + 1);
        var reference = SessionSecret.reference(SessionSecret.parse(sent).orElseThrow().key());
        var sessions = door.portcullis().sessions();
        var before = sessions.find(reference, Instant.now()).toCompletableFuture().join().get();
        var after =
                before.refreshed(
                        UserName.canonical(user).orElseThrow(),
                        groups,
                        before.idToken(),
                        before.refresh());
        assertThat(sessions.replace(before, after).toCompletableFuture().join()).isTrue();
        door.portcullis().live().judgeAgain(after.principal());
    }

    @Test
    void requestUnderWay_isForbiddenWhenItsUserIsNotListedAnyMore() {
        door.gateway().answers((head, gateway) -> gateway.getInputStream().read() >= 0);
        try (var client = door.connect().send(get(door.signIn("alice@example.com")))) {
            Await.until("a request at the Gateway", () -> !door.gateway().heads().isEmpty());
            door.reload("  - alice@example.com\n", "");
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void keysThatNeedARestart_areRefusedByNameAndNothingChanges() {
        var limits = "limits: { sessions: 7, body: 1KiB }\n";
        assertThat(door.reload(ADMIN, ADMIN + limits))
                .isEqualTo(
                        new Reload.Refused(
                                List.of("limits.sessions: changed (expected: a restart)")));
        assertThat(door.exchange(post(door.signIn("alice@example.com"))))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void limit_holdsForTheNextRequest() {
        var cookie = door.signIn("alice@example.com");
        assertThat(door.exchange(post(cookie))).startsWith("HTTP/1.1 200 ");
        assertThat(door.reload(ADMIN, ADMIN + "limits: { body: 1KiB }\n"))
                .isEqualTo(new Reload.Done());
        assertThat(door.exchange(post(cookie))).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void limitsOfAnyProtocol_areTakenOver() {
        assertThat(door.reload(ADMIN, ADMIN + "limits: { http2-streams: 50, refresh-grace: 5m }\n"))
                .isEqualTo(new Reload.Done());
    }

    @Test
    void limitBelowWhatIsOpen_closesNothingAndLetsNoMoreIn() {
        try (var one = socketOf("alice@example.com");
                var two = socketOf("alice@example.com")) {
            door.reload(ADMIN, ADMIN + "limits: { sockets-per-user: 1 }\n");
            one.ping();
            two.ping();
            assertThat(door.exchange(upgrade(door.signIn("alice@example.com"))))
                    .startsWith("HTTP/1.1 429 ");
        }
    }

    @Test
    void certificate_isTheNewOneForNewConnectionsAndTheOpenOnesStay() {
        try (var socket = socketOf("ada@example.com");
                var before = door.connect()) {
            door.newCertificate();
            assertThat(door.reload("", "")).isEqualTo(new Reload.Done());
            try (var after = door.connect()) {
                assertThat(after.certificate()).isNotEqualTo(before.certificate());
            }
            socket.ping();
        }
    }

    private DoorSocket socketOf(String user) {
        return DoorSocket.open(door, "Cookie: " + door.signIn(user));
    }

    private static String get(String cookie) {
        return "GET / HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\nCookie: "
                + cookie
                + "\r\n\r\n";
    }

    private static String upgrade(String cookie) {
        return "GET / HTTP/1.1\r\nHost: claw.test\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Origin: https://claw.test\r\nCookie: "
                + cookie
                + "\r\n\r\n";
    }

    private static String post(String cookie) {
        return "POST / HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\n"
                + "Origin: https://claw.test\r\nContent-Length: 4096\r\nCookie: "
                + cookie
                + "\r\n\r\n"
                + "x".repeat(4096);
    }
}
