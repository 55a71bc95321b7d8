package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a request stands on ends while the Gateway is at it: its client is told so, and is never
 * left with a connection that closed without a word.
 */
class RequestUnderWayTest {
    @TempDir Path folder;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch leftAlone = new CountDownLatch(1);
    private TestDoor door;
    private String cookie;

    @BeforeEach
    void open() {
        door = TestDoor.open(folder);
        cookie = "Cookie: " + door.signIn("alice@example.com") + "\r\n";
        door.gateway().answers((_, gateway) -> isAskedAndSaysNothing(gateway));
    }

    @AfterEach
    void close() {
        door.close();
    }

    @ParameterizedTest
    @CsvSource({
        "SESSION_ENDED, 401",
        "SESSION_KILLED, 401",
        "SERVICE_TOKEN_REVOKED, 401",
        "STORE_UNAVAILABLE, 503"
    })
    void identityEnds_requestIsRefusedAndTheGatewayLeftAlone(Reason reason, int status) {
        try (var client = door.connect()) {
            client.send("GET /a HTTP/1.1\r\nHost: claw.test\r\n" + cookie + "\r\n");
            await(asked);
            end(reason);
            assertIsTheLast(client, status);
        }
        await(leftAlone);
    }

    @Test
    void identityEnds_uploadIsRefusedInTheMiddle() {
        door.gateway().answers(RecordedGateway.OK); // It waits for a body that never is whole.
        try (var client = door.connect()) {
            client.send(
                    "PUT /a HTTP/1.1\r\nHost: claw.test\r\nOrigin: https://claw.test\r\n"
                            + "Content-Length: 100000\r\n"
                            + cookie
                            + "\r\nbegun");
            while (door.gateway().heads().isEmpty()) {
                Thread.onSpinWait();
            }
            end(Reason.SESSION_ENDED);
            assertIsTheLast(client, 401);
        }
    }

    @Test
    void identityEnds_upgradeIsRefused() {
        try (var client = door.connect()) {
            client.send(
                    "GET / HTTP/1.1\r\nHost: claw.test\r\nOrigin: https://claw.test\r\n"
                            + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            + cookie
                            + "\r\n");
            await(asked);
            end(Reason.SESSION_ENDED);
            assertIsTheLast(client, 401);
        }
    }

    @Test
    void identityEnds_streamIsRefused() {
        try (var client = door.connectHttp2()) {
            int stream =
                    client.request(true, Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, cookie));
            await(asked);
            end(Reason.SESSION_ENDED);
            var answer = client.answer(stream);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.reset()).isNegative();
        }
    }

    @Test
    void roleChanges_requestThatTheGatewayTookForTheOtherIsForbidden() {
        try (var client = door.connect()) {
            client.send("GET /a HTTP/1.1\r\nHost: claw.test\r\n" + cookie + "\r\n");
            await(asked);
            assertThat(
                            door.reload(
                                    "- alice@example.com",
                                    "- { user: alice@example.com, role: viewer }"))
                    .isEqualTo(new Reload.Done());
            assertIsTheLast(client, 403);
        }
    }

    @Test
    void identityEndsAfterTheAnswerHasBegun_whatIsMissingDoesNotLookComplete() {
        door.gateway()
                .answers((_, gateway) -> {
                    RecordedGateway.send(
                            gateway, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
                    return isAskedAndSaysNothing(gateway);
                });
        try (var client = door.connect()) {
            client.send("GET /a HTTP/1.1\r\nHost: claw.test\r\n" + cookie + "\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            assertThat(client.read(4)).isEqualTo("half");
            end(Reason.SESSION_ENDED);
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    private void end(Reason reason) {
        var alice = new LiveConnections.Key.User(UserName.canonical("alice@example.com").get());
        assertThat(door.portcullis().live().close(alice, reason)).isEqualTo(1);
    }

    private static void assertIsTheLast(RawClient client, int status) {
        assertThat(client.readToEnd())
                .startsWith("HTTP/1.1 " + status + " ")
                .containsOnlyOnce("HTTP/1.1 ")
                .contains("connection: close\r\n");
    }

    private boolean isAskedAndSaysNothing(Socket gateway) throws IOException {
        asked.countDown();
        if (gateway.getInputStream().read() < 0) {
            leftAlone.countDown();
        }
        return false;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
