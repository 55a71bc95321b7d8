package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is too fast hears so, and nobody else does. */
class RateLimitTest {
    private static final String BAD_TOKEN = "Authorization: Bearer e30.e30.e30\r\n";
    private static final String NAVIGATION = "Sec-Fetch-Mode: navigate\r\n";

    @TempDir Path folder;

    @Test
    void user_isLimitedOverAllSessionsAndNobodyElseIs() {
        try (var door = TestDoor.open(folder, "rate-limits: { user: { rate: 1/s, burst: 2 } }")) {
            var laptop = cookie(door, "alice@example.com");
            var phone = cookie(door, "alice@example.com");
            assertThat(door.exchange(get("/", laptop))).startsWith("HTTP/1.1 200 ");
            assertThat(door.exchange(get("/", phone))).startsWith("HTTP/1.1 200 ");
            assertThat(door.exchange(get("/", laptop)))
                    .startsWith("HTTP/1.1 429 ")
                    .contains("\r\nratelimit: \"user\";r=0;t=1\r\n")
                    .contains("\r\nratelimit-policy: \"user\";q=2;w=3\r\n")
                    .contains("\r\nretry-after: 1\r\n");
            assertThat(door.exchange(get("/", cookie(door, "ada@example.com"))))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(door.gateway().heads()).hasSize(3);
        }
    }

    @Test
    void signIns_areLimitedAndNothingElseOfTheAddressIs() {
        var limit = "rate-limits: { sign-in: { rate: 1/s, burst: 1 } }";
        try (var door = TestDoor.open(folder, limit)) {
            assertThat(door.exchange(get("/_portcullis/sign-in", NAVIGATION)))
                    .doesNotStartWith("HTTP/1.1 429 ");
            assertThat(door.exchange(get("/_portcullis/callback?code=x&state=y", NAVIGATION)))
                    .startsWith("HTTP/1.1 429 ")
                    .contains("ratelimit: \"sign-in\";r=0;t=1");
            assertThat(door.exchange(get("/_portcullis/signed-out", ""))).startsWith("HTTP/1.1 2");
            assertThat(door.exchange(get("/", cookie(door, "alice@example.com"))))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    /** Any page may make its visitor's browser fetch them: that is no try to sign in. */
    @Test
    void piecesOfPages_areRefusedAndUseUpNoSignIns() {
        var limit = "rate-limits: { sign-in: { rate: 1/s, burst: 1 } }";
        try (var door = TestDoor.open(folder, limit)) {
            for (var path :
                    List.of("/_portcullis/sign-in", "/_portcullis/callback?code=x&state=y")) {
                assertThat(door.exchange(get(path, "Sec-Fetch-Mode: no-cors\r\n")))
                        .startsWith("HTTP/1.1 401 ");
            }
            assertThat(door.exchange(get("/_portcullis/sign-in", NAVIGATION)))
                    .doesNotStartWith("HTTP/1.1 429 ");
        }
    }

    @Test
    void strangers_takeNothingFromThoseWhoAreKnownBehindTheirAddress() {
        var limit = "rate-limits: { address: { rate: 1/s, burst: 1 } }";
        try (var door = TestDoor.open(folder, limit)) {
            for (int i = 0; i < 4; i++) {
                assertThat(door.exchange(get("/", ""))).startsWith("HTTP/1.1 401 ");
            }
            assertThat(door.exchange(get("/_portcullis/me", "")))
                    .startsWith("HTTP/1.1 429 ")
                    .contains("\r\nratelimit: \"address\";");
            assertThat(door.exchange(get("/_portcullis/sign-out", NAVIGATION)))
                    .doesNotStartWith("HTTP/1.1 429 ");
            assertThat(door.exchange(get("/_portcullis/sign-in", NAVIGATION)))
                    .doesNotStartWith("HTTP/1.1 429 ");
            assertThat(door.exchange(get("/", cookie(door, "alice@example.com"))))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void badServiceTokens_lockTheirAddressOut() {
        var pair = "CF-Access-Client-Id: 0123456789abcdef\r\nCF-Access-Client-Secret: x\r\n";
        try (var door = TestDoor.open(folder)) {
            for (int i = 0; i < 10; i++) {
                assertThat(door.exchange(get("/", pair))).startsWith("HTTP/1.1 401 ");
            }
            assertThat(door.exchange(get("/", pair))).startsWith("HTTP/1.1 429 ");
        }
    }

    @Test
    void badTokens_lockTheirAddressOutAndAreNoLongerJudged() throws Exception {
        try (var door = TestDoor.open(folder)) {
            for (int i = 0; i < 10; i++) {
                assertThat(door.exchange(get("/", BAD_TOKEN))).startsWith("HTTP/1.1 401 ");
            }
            try (var client = door.connect()) {
                client.send("GET / HTTP/1.1\r\nHost: claw.test\r\n" + BAD_TOKEN + "\r\n");
                assertThat(client.readToEnd()) // Closed, though nobody asked for that.
                        .startsWith("HTTP/1.1 429 ")
                        .contains("\r\nretry-after: 300\r\n")
                        .contains("\r\nratelimit-policy: \"tokens\";q=10;w=120\r\n");
            }
            assertThat(door.gateway().bytes()).isEmpty();
        }
        assertThat(Files.readString(folder.resolve("audit/audit.jsonl")))
                .containsOnlyOnce("\"reason\":\"locked-out\"");
    }

    @Test
    void lockedOutAddress_isOpenToWhoeverHasGoodCredentials() {
        var limit = "rate-limits: { tokens: { failures: 1 } }";
        try (var door = TestDoor.open(folder, limit)) {
            var alice = cookie(door, "alice@example.com");
            assertThat(door.exchange(get("/", BAD_TOKEN))).startsWith("HTTP/1.1 401 ");
            assertThat(door.exchange(get("/", BAD_TOKEN))).startsWith("HTTP/1.1 429 ");
            assertThat(door.exchange(get("/", alice))).startsWith("HTTP/1.1 200 ");
            assertThat(door.exchange(get("/", ""))).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void firstLoadOfTheControlUi_isNeverLimited() {
        try (var door = TestDoor.open(folder)) {
            var alice = cookie(door, "alice@example.com");
            try (var client = door.connect()) {
                for (int i = 0; i < 200; i++) {
                    client.send("GET /assets/" + i + " HTTP/1.1\r\nHost: claw.test\r\n" + alice);
                    client.send("\r\n");
                    assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ");
                }
            }
        }
    }

    private static String cookie(TestDoor door, String user) {
        return "Cookie: " + door.signIn(user) + "\r\n";
    }

    private static String get(String path, String fields) {
        return "GET "
                + path
                + " HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\n"
                + fields
                + "\r\n";
    }
}
