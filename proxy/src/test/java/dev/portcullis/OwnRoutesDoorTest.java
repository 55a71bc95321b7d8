package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our own routes, through the whole door: answered here, whatever stands behind. */
class OwnRoutesDoorTest {
    @TempDir static Path folder;
    private static TestDoor door;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder);
    }

    @AfterAll
    static void close() {
        door.close();
        assertThat(door.gateway().bytes()).doesNotContain("_portcullis");
    }

    @Test
    void me_saysWhoIsSignedIn() {
        var answer = door.exchange(request("GET", "me", "alice", "", ""));
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("alice@example.com");
    }

    @Test
    void unknownRoute_isOurOwn404() {
        var answer = door.exchange(request("GET", "nothing", "alice", "", ""));
        assertThat(answer).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void bodyThatIsAnnouncedTooLarge_gets413() {
        var answer =
                door.exchange(
                        request("POST", "sign-out", "alice", "Content-Length: 999999\r\n", ""));
        assertThat(answer).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void bodyThatTurnsOutTooLarge_gets413() {
        var chunk = "4000\r\n" + "a".repeat(0x4000) + "\r\n";
        var answer =
                door.exchange(
                        request(
                                "POST",
                                "sign-out",
                                "alice",
                                "Transfer-Encoding: chunked\r\n",
                                chunk + chunk + chunk + chunk + "0\r\n\r\n"));
        assertThat(answer).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void bodyThatIsBroken_gets400() {
        var answer =
                door.exchange(
                        request(
                                "POST",
                                "sign-out",
                                "alice",
                                "Transfer-Encoding: chunked\r\n",
                                "x\r\n"));
        assertThat(answer).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void upgradeOnARouteOfOurs_isRefused() {
        var answer =
                door.exchange(
                        request(
                                "GET",
                                "me",
                                "alice",
                                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                        + "Connection: upgrade\r\n",
                                ""));
        assertThat(answer).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void signOut_onTheConnectionThatUsedTheSession_isAnsweredAndEndsIt() {
        var alice = "Cookie: " + door.signIn("alice@example.com") + "\r\n";
        try (var client = door.connect()) {
            client.send("GET /api HTTP/1.1\r\nHost: claw.test\r\n" + alice + "\r\n");
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ");
            client.send(
                    "POST /_portcullis/sign-out HTTP/1.1\r\nHost: claw.test\r\n"
                            + alice
                            + "Origin: https://claw.test\r\nContent-Length: 0\r\n\r\n");
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 303 ");
            client.send("GET /api HTTP/1.1\r\nHost: claw.test\r\n" + alice + "\r\n");
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 401 ");
        }
    }

    private static String request(
            String method, String route, String user, String fields, String body) {
        return method
                + " /_portcullis/"
                + route
                + " HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                + door.signIn(user + "@example.com")
                + "\r\nOrigin: https://claw.test\r\n"
                + (fields.contains("Upgrade") ? "" : "Connection: close\r\n")
                + fields
                + "\r\n"
                + body;
    }
}
