package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.testing.Await;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
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
            Await.until("a request at the Gateway", asked);
            end(reason);
            assertIsTheLast(client, status);
        }
        Await.until("the end of it at the Gateway", leftAlone);
        assertThat(outcome())
                .contains("\"user\":\"alice@example.com\"")
                .endsWith(":" + status + "}");
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
            Await.until("a request at the Gateway", () -> !door.gateway().heads().isEmpty());
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
            Await.until("a request at the Gateway", asked);
            end(Reason.SESSION_ENDED);
            assertIsTheLast(client, 401);
        }
    }

    @Test
    void identityEnds_streamIsRefused() {
        try (var client = door.connectHttp2()) {
            int stream =
                    client.request(true, Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, cookie));
            Await.until("a request at the Gateway", asked);
            end(Reason.SESSION_ENDED);
            var answer = client.answer(stream);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.reset()).isNegative();
        }
    }

    /** What was on its way when the client was told to go is not what ends the others. */
    @Test
    void identityEnds_othersOfItsConnectionAreAnsweredWhateverStillComes() {
        var goOn = new CountDownLatch(1);
        door.gateway()
                .answers((head, gateway) -> {
                    asked.countDown();
                    if (head.startsWith("GET /bystander")) {
                        Await.until("the word to go on", goOn);
                        return RecordedGateway.OK.answer(head, gateway);
                    }
                    return isAskedAndSaysNothing(gateway);
                });
        var victor = "Cookie: " + door.signIn("victor@example.com") + "\r\n";
        try (var client = door.connectHttp2()) {
            int ended =
                    client.request(true, Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, cookie));
            Await.until("a request at the Gateway", asked);
            int bystander =
                    client.request(
                            true, Http2Text.head("GET /bystander HTTP/1.1", TestDoor.HOST, victor));
            Await.until("both at the Gateway", () -> door.gateway().heads().size() == 2);
            end(Reason.SESSION_ENDED);
            assertThat(client.answer(ended).status()).isEqualTo(401);
            int late =
                    client.request(false, Http2Text.head("GET /b HTTP/1.1", TestDoor.HOST, victor));
            client.data(late, false, "late")
                    .frame(Http2Client.WINDOW_UPDATE, 0, late, new byte[] {0, 0, 1, 0})
                    .frame(Http2Client.PRIORITY, 0, late, new byte[5])
                    .frame(Http2Client.RST_STREAM, 0, late, new byte[] {0, 0, 0, 8})
                    .data(late, true, "");
            goOn.countDown();
            assertThat(client.answer(bystander).status()).isEqualTo(200);
            assertThat(door.gateway().heads()).hasSize(2);
        }
    }

    @Test
    void roleChanges_requestThatTheGatewayTookForTheOtherIsForbidden() {
        try (var client = door.connect()) {
            client.send("GET /a HTTP/1.1\r\nHost: claw.test\r\n" + cookie + "\r\n");
            Await.until("a request at the Gateway", asked);
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
        assertThat(outcome()).contains("\"reason\":\"session-ended\"").doesNotContain("status");
    }

    /** What the audit log says of the end of the one request that was let pass. */
    private String outcome() {
        var about = List.<String>of();
        for (int look = 0; about.size() < 2 && look < 400; look++) {
            LockSupport.parkNanos(10_000_000); // The lines are written a moment later.
            about = audited();
        }
        assertThat(about).hasSize(2);
        assertThat(about.getLast()).contains("\"verdict\":\"done\"");
        return about.getLast();
    }

    private List<String> audited() {
        try {
            var lines = Files.readAllLines(folder.resolve("audit/audit.jsonl"));
            var allowed = lines.stream().filter(line -> line.contains("\"allow\"")).findFirst();
            var id = allowed.map(line -> line.replaceAll(".*(\"requestId\":\"[^\"]*\").*", "$1"));
            return lines.stream().filter(line -> line.contains(id.orElse("?"))).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
}
