package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What goes wrong behind the door: what the client sees, that nothing is lost that was whole, and
 * how soon it is well again.
 */
@ExtendWith(RealParts.Provided.class)
@Isolated("It measures.")
class FaultsTest {
    private static final int SOCKETS = Integer.getInteger("faults.sockets", 2_000);

    private FaultStage stage;

    @BeforeEach
    void start(RealParts parts) throws IOException {
        stage = FaultStage.set(parts, "drain-jitter: 10s");
    }

    @AfterEach
    void stop() throws IOException {
        stage.close();
    }

    @Test
    void killedWhileIdle_is503AtOnceAndWellWithinASecond() throws IOException {
        try (var client = stage.sidecar().connect()) {
            assertThat(client.send(stage.get("/")).answer().status()).isEqualTo(200);
            stage.kill();
            long begun = System.nanoTime();
            var refused = client.send(stage.get("/")).answer();
            long took = System.nanoTime() - begun;
            assertThat(refused.status()).isIn(502, 503);
            assertThat(client.send(stage.get("/")).answer().field("retry-after")).isPresent();
            assertThat(Duration.ofNanos(took)).isLessThan(FaultStage.AT_ONCE);
            FaultLine.print(
                    "gateway killed, idle",
                    refused.status() + " after " + millis(took),
                    0,
                    stage.recover(client));
        }
    }

    @Test
    void killedInMidRequest_is502AtOnce() throws IOException {
        var asked = new CountDownLatch(1);
        stage.script((request, connection) -> {
            asked.countDown();
            connection.in().read(); // Until the end.
        });
        try (var client = stage.sidecar().connect();
                var other = stage.sidecar().connect()) {
            client.send(stage.get("/"));
            FaultStage.await(asked);
            long begun = System.nanoTime();
            stage.kill();
            assertThat(client.answer().status()).isEqualTo(502);
            long took = System.nanoTime() - begun;
            assertThat(Duration.ofNanos(took)).isLessThan(FaultStage.AT_ONCE);
            FaultLine.print(
                    "gateway killed, in mid-request",
                    "502 after " + millis(took),
                    0,
                    stage.recover(other));
        }
    }

    @Test
    void killedWithManySockets_closesEachWith1012() throws Exception {
        var clients = stage.open(SOCKETS);
        long begun = System.nanoTime();
        stage.kill();
        FaultStage.allTold(clients, 1012);
        long took = System.nanoTime() - begun;
        try (var client = stage.sidecar().connect()) {
            FaultLine.print(
                    "gateway killed, " + SOCKETS + " sockets",
                    "1012 on each within " + millis(took),
                    0,
                    stage.recover(client));
        }
    }

    @Test
    void frozen_is504AtTheLimitThenRefusedAtOnceAndSaidByReady() throws IOException {
        var thawed = new CountDownLatch(1);
        stage.script((request, connection) -> {
            FaultStage.await(thawed);
            RecordingGateway.answerOrEcho(request, connection);
        });
        try (var client = stage.sidecar().connect()) {
            long begun = System.nanoTime();
            assertThat(client.send(stage.get("/")).answer().status()).isEqualTo(504);
            long limit = System.nanoTime() - begun;
            begun = System.nanoTime();
            assertThat(client.send(stage.get("/")).answer().status()).isEqualTo(503);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(FaultStage.AT_ONCE);
            assertThat(stage.sidecar().ask("ready").text()).contains("does not answer");
            thawed.countDown();
            begun = System.nanoTime();
            Await.until(
                    "an answer",
                    Duration.ofSeconds(5),
                    () -> client.send(stage.get("/")).answer().status() == 200);
            long recovered = System.nanoTime() - begun;
            assertThat(Duration.ofNanos(recovered)).isLessThan(FaultStage.RECOVERY);
            assertThat(stage.sidecar().ask("ready").status()).isEqualTo(200);
            FaultLine.print(
                    "gateway frozen",
                    "504 after " + millis(limit) + ", then 503 at once",
                    0,
                    recovered);
        }
    }

    @Test
    void garbageAndHalves_are502AndNobodyElseNotices() throws IOException {
        var broken =
                List.of(
                        "garbage\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                        "HTTP/1.1 200 OK\r\nContent-Le",
                        "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000),
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
                        "\0\1\2");
        try (var canary = stage.sidecar().connect();
                var client = stage.sidecar().connect()) {
            for (var bytes : broken) {
                stage.script((request, connection) -> {
                    if (request.line().contains("/canary")) {
                        RecordingGateway.answerOrEcho(request, connection);
                    } else {
                        connection.send(bytes);
                        connection.socket().close();
                    }
                });
                assertThat(client.send(stage.get("/")).answer().status()).as(bytes).isEqualTo(502);
                assertThat(canary.send(stage.get("/canary")).answer().status()).isEqualTo(200);
            }
            stage.script((request, connection) -> {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                connection.socket().close();
            });
            client.send(stage.get("/"));
            assertThat(Wire.head(client.in())).startsWith("HTTP/1.1 200 ");
            assertThat(new String(client.in().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("half"); // And the end, before the ten bytes that were announced.
            stage.script(RecordingGateway::answerOrEcho);
            long begun = System.nanoTime();
            assertThat(canary.send(stage.get("/")).answer().status()).isEqualTo(200);
            FaultLine.print(
                    "gateway answers garbage",
                    "502 for each, others 200",
                    0,
                    System.nanoTime() - begun);
        }
    }

    @Test
    void slow_isWaitedForAndWhole() throws IOException {
        stage.script((request, connection) -> {
            FaultStage.pause(500);
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
            for (var letter : List.of("w", "h", "o", "l", "e")) {
                FaultStage.pause(100);
                connection.send(letter);
            }
        });
        try (var client = stage.sidecar().connect()) {
            assertThat(client.send(stage.get("/")).answer().text()).isEqualTo("whole");
            stage.script(RecordingGateway::answerOrEcho);
            long begun = System.nanoTime();
            assertThat(client.send(stage.get("/")).answer().status()).isEqualTo(200);
            FaultLine.print("gateway slow", "200, whole", 0, System.nanoTime() - begun);
        }
    }

    private static String millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis() + " ms";
    }
}
