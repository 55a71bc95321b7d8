package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.Secret;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionSecret;
import dev.portcullis.session.SessionStore;
import dev.portcullis.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What happens while a decision is under way counts for it. Decisions wait here for the refresh of
 * a session that somebody else in the fleet is at.
 */
class DecidingTest {
    @TempDir Path folder;
    private final AtomicBoolean broken = new AtomicBoolean();
    private volatile String breaksIn = ".GateHandler";
    private TestDoor door;
    private String cookie;
    private String key;

    @BeforeEach
    void open() {
        door = TestDoor.openBy(this::nowUnlessBroken, folder, "");
        cookie = door.signIn("alice@example.com");
        key = SessionSecret.parse(cookie.substring(cookie.indexOf('=') + 1)).orElseThrow().key();
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void aConnectionThatIsCutMeanwhile_isRefusedWhateverComesOfTheDecision() {
        try (var client = door.connect()) {
            assertThat(client.send(get("/first")).readAnswer()).startsWith("HTTP/1.1 200 ");
            somebodyElseRefreshes();
            var sent = Instant.now();
            client.send(get("/second"));
            untilUsedSince(sent);
            var closed =
                    door.portcullis()
                            .live()
                            .close(
                                    new LiveConnections.Key.Handle(SessionSecret.reference(key)),
                                    Reason.SESSION_KILLED);
            assertThat(closed).isEqualTo(1);
            refreshed();
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 401 ");
        }
        assertThat(door.gateway().heads()).hasSize(1);
        var line =
                "\"reason\":\"session-killed\".*\"user\":\"alice@example.com\""
                        + ",\"means\":\"session\",\"handle\":\"";
        Await.until(
                "an audit line of whom was refused",
                () -> Pattern.compile(line).matcher(audit()).find());
    }

    private String audit() {
        try {
            return Files.readString(folder.resolve("audit/audit.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aReloadMeanwhile_decidesByTheNewRules() {
        somebodyElseRefreshes();
        try (var client = door.connect()) {
            var sent = Instant.now();
            client.send(get("/"));
            untilUsedSince(sent);
            assertThat(
                            door.reload(
                                    "- alice@example.com",
                                    "- { user: alice@example.com, role: viewer }"))
                    .isInstanceOf(Reload.Done.class);
            refreshed();
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(door.gateway().heads())
                .singleElement()
                .asString()
                .contains("x-openclaw-scopes: operator.read\r\n");
    }

    @Test
    void aFaultOfOurs_isAnswered500AsTheLast() {
        try (var client = door.connect()) {
            client.send("GET /a HTTP/1.1\r\nHost: claw.test\r\n\r\n");
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 401 ");
            broken.set(true);
            client.send("GET /b HTTP/1.1\r\nHost: claw.test\r\n\r\n");
            assertThat(client.readToEnd())
                    .startsWith("HTTP/1.1 500 ")
                    .contains("connection: close\r\n");
        }
    }

    @Test
    void aFaultOfOursAfterSomebodyElseWasAsked_isAnswered500AsTheLast() {
        somebodyElseRefreshes();
        try (var client = door.connect()) {
            var sent = Instant.now();
            client.send(get("/"));
            untilUsedSince(sent);
            broken.set(true);
            refreshed();
            assertThat(client.readToEnd())
                    .startsWith("HTTP/1.1 500 ")
                    .contains("connection: close\r\n");
        }
        assertThat(door.gateway().heads()).isEmpty();
    }

    @Test
    void aFaultOfOursBeforeASocketIsOpen_takesNoneOfItsUsersSockets() {
        var admin = "admin: { listen: 127.0.0.1:0 }\n";
        assertThat(door.reload(admin, admin + "limits: { sockets-per-user: 1 }\n"))
                .isInstanceOf(Reload.Done.class);
        try (var client = door.connect()) {
            breaksIn = ".RequestTrail"; // It was counted, and cannot be written down.
            broken.set(true);
            client.send(
                    "GET / HTTP/1.1\r\nHost: claw.test\r\nOrigin: https://claw.test\r\n"
                            + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            + "Cookie: "
                            + cookie
                            + "\r\n\r\n");
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 500 ");
        }
        try (var socket = DoorSocket.open(door, "Cookie: " + cookie)) {
            socket.ping();
        }
    }

    @Test
    void aFaultOfOursBeforeARequestIsForwarded_takesNoneOfItsUsersRequests() {
        var admin = "admin: { listen: 127.0.0.1:0 }\n";
        assertThat(door.reload(admin, admin + "limits: { requests-per-user: 1 }\n"))
                .isInstanceOf(Reload.Done.class);
        try (var client = door.connect()) {
            breaksIn = ".RequestTrail"; // It was counted, and cannot be written down.
            broken.set(true);
            assertThat(client.send(get("/")).readToEnd()).startsWith("HTTP/1.1 500 ");
        }
        try (var client = door.connect()) {
            assertThat(client.send(get("/")).readAnswer()).startsWith("HTTP/1.1 200 ");
        }
    }

    /** Breaks once, when the one asks that is to break: the gate itself as a rule. */
    private Instant nowUnlessBroken() {
        if (broken.get() && isAskedByTheOne() && broken.compareAndSet(true, false)) {
            throw new IllegalStateException("broken by this test");
        }
        return Instant.now();
    }

    private boolean isAskedByTheOne() {
        return StackWalker.getInstance()
                .walk(frames -> frames.skip(2).findFirst())
                .filter(frame -> frame.getClassName().endsWith(breaksIn))
                .isPresent();
    }

    private String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: claw.test\r\nCookie: " + cookie + "\r\n\r\n";
    }

    /** Holds the lease, and lets the access of the session have ended. */
    private void somebodyElseRefreshes() {
        var now = Instant.now();
        var reference = SessionSecret.reference(key);
        assertThat(join(store().tryLease(reference, "elsewhere", now, now.plusSeconds(60))))
                .isTrue();
        change(now.minusSeconds(2), now.minusSeconds(1));
    }

    private void refreshed() {
        change(Instant.now().plusSeconds(240), Instant.now().plusSeconds(300));
    }

    private void change(Instant due, Instant accessEndsAt) {
        var session = session();
        var refresh = new Session.Refresh(new Secret("refresh-token"), due, accessEndsAt);
        var next = session.refreshed(session.user(), session.groups(), null, refresh);
        assertThat(join(store().replace(session, next))).isTrue();
    }

    private void untilUsedSince(Instant sent) {
        Await.until(
                "a use of the session",
                () -> !join(store().list(Instant.now())).getFirst().lastUsed().isBefore(sent));
        LockSupport.parkNanos(50_000_000); // It asks for the refresh a moment after that.
    }

    private Session session() {
        return join(store().find(SessionSecret.reference(key), Instant.now())).orElseThrow();
    }

    private SessionStore store() {
        return door.portcullis().sessions();
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}
