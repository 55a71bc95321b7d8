package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Await;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client hears, and what is written down, when nothing comes from behind. */
class GatewayFailureTest {
    private static final String UPGRADE =
            "Origin: https://claw.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    @TempDir Path folder;

    @Test
    void gatewayThatWasNeverThere_isNotRunningAndWrittenDown() throws Exception {
        try (var door = TestDoor.open(folder)) {
            door.gateway().close();
            assertThat(door.exchange(get(door)))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\r\nretry-after: ");
        }
        assertThat(audit())
                .containsSubsequence(
                        "\"verdict\":\"allow\"",
                        "\"verdict\":\"done\",\"reason\":\"gateway-unreachable\"",
                        "\"status\":503");
    }

    @Test
    void gatewayThatWasThereAMomentAgo_isTakenToRestart() throws Exception {
        try (var door = TestDoor.open(folder)) {
            var request = get(door);
            assertThat(door.exchange(request)).startsWith("HTTP/1.1 200 ");
            door.gateway().close();
            assertThat(door.exchange(request)).startsWith("HTTP/1.1 503 ");
        }
        assertThat(audit()).contains("\"reason\":\"gateway-starting\"");
    }

    @Test
    void allConnectionsInUse_isBusyAndNotGone() throws Exception {
        var asked = new CountDownLatch(1);
        var mayAnswer = new CountDownLatch(1);
        try (var door = TestDoor.open(folder, "limits: { gateway-connections: 1 }");
                var first = door.connect()) {
            door.gateway()
                    .answers((head, gateway) -> {
                        asked.countDown();
                        await(mayAnswer);
                        return RecordedGateway.OK.answer(head, gateway);
                    });
            first.send(get(door));
            await(asked);
            assertThat(door.exchange(get(door))).startsWith("HTTP/1.1 503 ");
            mayAnswer.countDown();
            assertThat(first.readToEnd()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(audit()).contains("\"reason\":\"gateway-busy\"");
    }

    @Test
    void connectionThatStandsIdle_makesRoomForOneThatMustBeNew() {
        try (var door = TestDoor.open(folder, "limits: { gateway-connections: 1 }");
                var client = door.connect()) { // So that both are on one loop.
            var signedIn = "Cookie: " + door.signIn("alice@example.com") + "\r\n";
            var get = "GET /api HTTP/1.1\r\nHost: claw.test\r\n" + signedIn;
            assertThat(client.send(get + "\r\n").readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(client.send(get + UPGRADE).readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(door.gateway().connections()).isEqualTo(2);
        }
    }

    /** Clients that come one after the other are on different loops, where there are several. */
    @Test
    void connectionThatStandsIdleOnAnotherLoop_makesRoomToo() {
        try (var door = TestDoor.open(folder, "limits: { gateway-connections: 1 }");
                var first = door.connect();
                var second = door.connect()) {
            var signedIn = "Cookie: " + door.signIn("alice@example.com") + "\r\n";
            var get = "GET /api HTTP/1.1\r\nHost: claw.test\r\n" + signedIn + "\r\n";
            assertThat(first.send(get).readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(second.send(get).readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(first.send(get).readAnswer()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void answerThatBreaksItsFramingAtOnce_is502() throws Exception {
        try (var door = TestDoor.open(folder)) {
            door.gateway().answers((_, gateway) -> says(gateway, CHUNKED + "x\r\n"));
            assertThat(door.exchange(get(door)))
                    .startsWith("HTTP/1.1 502 ")
                    .containsOnlyOnce("HTTP/1.1 ");
            try (var client = door.connectHttp2()) {
                var answer = client.answer(client.request(true, http2(door)));
                assertThat(answer.status()).isEqualTo(502);
                assertThat(answer.reset()).isNegative();
            }
        }
        assertThat(audit()).contains("\"reason\":\"gateway-answer-invalid\"", "\"status\":502");
    }

    @Test
    void answerThatBreaksItsFramingLater_isToldAsFarAsItCameAndDoesNotLookComplete() {
        try (var door = TestDoor.open(folder)) {
            door.gateway().answers((_, gateway) -> says(gateway, CHUNKED + "4\r\nhalf\r\nx\r\n"));
            assertThat(door.exchange(get(door)))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("\r\n\r\n4\r\nhalf\r\n");
        }
    }

    /** Its end is the connection's, and a reset is none. */
    @Test
    void answerWithoutALengthThatEndsInAReset_doesNotLookComplete() {
        try (var door = TestDoor.open(folder)) {
            door.gateway()
                    .answers((_, gateway) -> {
                        says(gateway, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf");
                        Await.until("it has come", () -> relayed(door) > 0);
                        gateway.setSoLinger(true, 0);
                        gateway.close();
                        return false;
                    });
            assertThat(door.exchange(get(door)))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("\r\n\r\n4\r\nhalf\r\n");
        }
    }

    private static double relayed(TestDoor door) {
        return door.portcullis()
                .meters()
                .scrape()
                .lines()
                .filter(line -> line.startsWith("portcullis_relayed_bytes_total{"))
                .filter(line -> line.contains("client"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    @Test
    void streamWhoseAnswerBreaksItsFramingLater_getsWhatCameThenAResetThenNothing() {
        try (var door = TestDoor.open(folder)) {
            door.gateway().answers((_, gateway) -> says(gateway, CHUNKED + "4\r\nhalf\r\nx\r\n"));
            try (var client = door.connectHttp2()) {
                int stream = client.request(true, http2(door));
                var answer = client.answer(stream);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo("half");
                assertThat(answer.reset()).as("INTERNAL_ERROR").isEqualTo(2);
                client.frame(Http2Client.PING, 0, 0, new byte[8]);
                client.await(frame -> {
                    assertThat(frame.stream()).as("nothing after its reset").isNotEqualTo(stream);
                    return frame.type() == Http2Client.PING;
                });
            }
        }
    }

    private static boolean says(Socket gateway, String bytes) throws IOException {
        RecordedGateway.send(gateway, bytes);
        return true; // It is the door that ends it.
    }

    private static List<String> http2(TestDoor door) {
        var cookie = "Cookie: " + door.signIn("alice@example.com") + "\r\n";
        return Http2Text.head("GET /api HTTP/1.1", TestDoor.HOST, cookie);
    }

    @Test
    void refusalsFasterThanTheLimit_costTheirConnection() {
        var limit = "rate-limits: { address: { rate: 1/s, burst: 2 } }";
        try (var door = TestDoor.open(folder, limit);
                var client = door.connect()) {
            client.send("GET /api HTTP/1.1\r\nHost: claw.test\r\n\r\n".repeat(100));
            var answers = client.readToEnd().split("HTTP/1.1 401 ", -1).length - 1;
            assertThat(answers).isBetween(1, 20);
        }
    }

    private String audit() throws IOException {
        return Files.readString(folder.resolve("audit/audit.jsonl"));
    }

    private static String get(TestDoor door) {
        return "GET /api HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\nCookie: "
                + door.signIn("alice@example.com")
                + "\r\n\r\n";
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
