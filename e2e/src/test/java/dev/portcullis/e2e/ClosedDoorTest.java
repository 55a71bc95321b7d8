package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Without a credential that proves somebody, not one byte reaches the Gateway, whatever is asked.
 */
@ExtendWith(RealParts.Provided.class)
class ClosedDoorTest {
    static final List<String> TRICKS = GatewayContract.TRICKS;

    private static final String HOST = "Host: " + TestCertificates.DOOR + "\r\n";
    private static final String BAD_VALUE = "A".repeat(43);

    /** Signed by nobody: a header, a payload and a signature of the right shape. */
    private static final String BAD_TOKEN =
            "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJhbGljZSJ9." + "A".repeat(342);

    private static RecordedDoor door;

    @BeforeAll
    static void start(RealParts parts) throws IOException {
        door = RecordedDoor.start(parts);
    }

    @AfterAll
    static void stop() throws IOException {
        door.close();
    }

    private long before;

    @BeforeEach
    void count() {
        before = door.recorder().received();
    }

    /** What somebody shows who is nobody. */
    enum Credential {
        NONE(""),
        BAD_COOKIE("Cookie: " + SignIn.COOKIE + "=" + BAD_VALUE + "\r\n"),
        OTHER_COOKIE("Cookie: portcullis=" + BAD_VALUE + "; __openclaw_plugin_tab_auth_0_1=x\r\n"),
        BAD_TOKEN("Authorization: Bearer " + ClosedDoorTest.BAD_TOKEN + "\r\n"),
        BASIC("Authorization: Basic YWxpY2U6YWxpY2U=\r\n"),
        BOTH(BAD_COOKIE.line + BAD_TOKEN.line);

        private final String line;

        Credential(String line) {
            this.line = line;
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyPathAndMethod_reachesNothing(Credential credential) throws IOException {
        for (var path : GatewayContract.PATHS) {
            for (var method : GatewayContract.METHODS) {
                var what = credential + " " + method + " " + path;
                var request = method + " " + path + " HTTP/1.1\r\n" + HOST + credential.line;
                var answer = door.send(request + "\r\n").answer();

                assertThat(answer.status()).as(what).isIn(302, 400, 401, 403, 405, 501);
                assertThat(answer.text()).as(what).doesNotContain("recorded");
            }
        }
        assertThat(door.recorder().received()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void everyUpgrade_reachesNothing(Credential credential) throws IOException {
        for (var path : GatewayContract.PATHS) {
            var answer = door.send("GET " + path + upgrade(credential.line)).answer();

            assertThat(answer.status()).as(credential + " " + path).isIn(400, 401);
        }
        assertThat(door.recorder().received()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void bodyBehindARefusal_isNeverARequest(Credential credential) throws IOException {
        var inner = "GET /inner HTTP/1.1\r\n" + HOST + "\r\n";
        door.recorder().forget();
        try (var client = door.sidecar().connect()) {
            client.send(
                    "POST /tools/invoke HTTP/1.1\r\n"
                            + HOST
                            + credential.line
                            + "Content-Length: "
                            + inner.length()
                            + "\r\n\r\n"
                            + inner);
            assertThat(client.answer().status()).isIn(400, 401);
            // Either the door reads the body away and waits, or it closes; a second answer is a
            // second request, made of the first one's body.
            client.send("GET /outer HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");
            var second = client.answerIfAny();
            if (second.isPresent()) {
                assertThat(client.answerIfAny()).isEmpty();
            }
        }
        assertThat(door.recorder().received()).isEqualTo(before);
    }

    @ParameterizedTest
    @FieldSource("TRICKS")
    void trick_reachesNothingUnsigned(String target) throws IOException {
        var answer = door.send("GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n").answer();

        assertThat(answer.status()).isEqualTo(400);
        assertThat(door.recorder().received()).isEqualTo(before);
    }

    @Test
    void everyTrick_gets400ForASignedInUserToo() throws IOException {
        var cookie = "Cookie: " + door.cookie(Realm.Person.ALICE) + "\r\n";
        for (var target : GatewayContract.TRICKS) {
            for (var method : List.of("GET", "POST")) {
                var request = method + " " + target + " HTTP/1.1\r\n" + HOST + cookie;
                var answer = door.send(request + "Content-Length: 0\r\n\r\n").answer();

                assertThat(answer.status()).as(method + " " + target).isEqualTo(400);
            }
            var upgrade = door.send("GET " + target + upgrade(cookie)).answer();
            assertThat(upgrade.status()).as("upgrade " + target).isEqualTo(400);
        }
        assertThat(door.recorder().received()).isEqualTo(before);
    }

    @Test
    void capabilityPrefixBeforeAnotherRoute_gets400ForASignedInUserToo() throws IOException {
        var cookie = "Cookie: " + door.cookie(Realm.Person.ALICE) + "\r\n";
        for (var rest : List.of("tools/invoke", "v1/models", "api/v1/admin/rpc", "j/x")) {
            var target = "/__openclaw__/cap/x/" + rest;
            var answer =
                    door.send("GET " + target + " HTTP/1.1\r\n" + HOST + cookie + "\r\n").answer();

            assertThat(answer.status()).as(target).isEqualTo(400);
        }
        assertThat(door.recorder().received()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "Get", "FOO", "CONNECT", "PROPFIND", "GET\t", "PRI"})
    void otherMethod_isRefusedForASignedInUserToo(String method) throws IOException {
        var cookie = "Cookie: " + door.cookie(Realm.Person.ALICE) + "\r\n";
        var target = method.equals("CONNECT") ? "claw.example.com:443" : "/";
        var request = method + " " + target + " HTTP/1.1\r\n" + HOST + cookie + "\r\n";

        var outcome = door.send(request);

        assertThat(outcome.answer().status()).isIn(400, 405, 501);
        assertThat(outcome.heads()).isEmpty();
    }

    private static String upgrade(String more) {
        return " HTTP/1.1\r\n"
                + HOST
                + more
                + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://"
                + TestCertificates.DOOR
                + "\r\n\r\n";
    }
}
