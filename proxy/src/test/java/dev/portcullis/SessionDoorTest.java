package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a session cookie is worth, and where it is worth nothing. */
class SessionDoorTest {
    @TempDir Path folder;
    @TempDir Path elsewhere;

    private static String fetch(TestDoor door, String cookie) {
        return door.exchange(
                "GET /x HTTP/1.1\r\nHost: "
                        + TestDoor.HOST
                        + "\r\nConnection: close\r\nCookie: "
                        + cookie
                        + "\r\n\r\n");
    }

    @Test
    void aRestartedDoor_knowsItsSessionsAndNoEndedOne() {
        String stays;
        String leaves;
        try (var door = TestDoor.open(folder)) {
            stays = door.signIn("alice@example.com");
            leaves = door.signIn("victor@example.com");
            var signOut =
                    door.exchange(
                            "POST /_portcullis/sign-out HTTP/1.1\r\nHost: "
                                    + TestDoor.HOST
                                    + "\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"
                                    + "Content-Length: 0\r\nCookie: "
                                    + leaves
                                    + "\r\n\r\n");
            assertThat(signOut).startsWith("HTTP/1.1 303 ");
        }
        try (var door = TestDoor.open(folder)) {
            assertThat(fetch(door, stays)).startsWith("HTTP/1.1 200 ");
            assertThat(door.gateway().heads().getLast()).contains("alice@example.com");
            assertThat(fetch(door, leaves)).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void theCookieOfAnotherSidecar_isWorthNothing() {
        try (var here = TestDoor.open(folder);
                var there = TestDoor.open(elsewhere)) {
            var cookie = there.signIn("alice@example.com");
            assertThat(fetch(there, cookie)).startsWith("HTTP/1.1 200 ");
            assertThat(fetch(here, cookie)).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void aThousandFetchesWithoutASession_leaveNothingBehind() {
        try (var door =
                        TestDoor.open(
                                folder,
                                "rate-limits: { address: { rate: 10000/s, burst: 100000 } }");
                var client = door.connect()) {
            var fetch = "GET /x HTTP/1.1\r\nHost: " + TestDoor.HOST + "\r\n\r\n";
            for (int i = 0; i < 999; i++) {
                client.send(fetch);
            }
            var answers =
                    client.send(fetch.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
                            .readToEnd();
            assertThat(answers.split("HTTP/1.1 401 ", -1)).hasSize(1001);
            assertThat(answers.toLowerCase(Locale.ROOT)).doesNotContain("set-cookie");
            assertThat(
                            door.portcullis()
                                    .sessions()
                                    .list(Instant.now())
                                    .toCompletableFuture()
                                    .join())
                    .isEmpty();
        }
    }
}
