package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.demo.RealGateway;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The Gateway restarts: for 10 to 15 s nobody is there. Everybody is told so at once and whole, and
 * well served within a second when it is back.
 */
@ExtendWith(RealParts.Provided.class)
class RestartTest {
    private static final long WINDOW_MILLIS = 12_000;
    private static final int SOCKETS = 50;
    private static final long PACE_MILLIS = 50;
    private static final Duration RECOVERY_MAX = Duration.ofSeconds(10);

    @Test
    void standInThatIsAwayForTwelveSeconds_isSaidAtOnceAndNothingIsLost(RealParts parts)
            throws Exception {
        try (var stage = FaultStage.set(parts, "drain-jitter: 0s")) {
            var sockets = stage.open(SOCKETS);
            var visitor = new Visitor(stage.sidecar(), stage.get("/"), PACE_MILLIS);
            long recovered;
            try (visitor) {
                Await.until("an answer", RECOVERY_MAX, () -> visitor.goodNanos() != 0);
                stage.kill();
                FaultStage.allTold(sockets, 1012);
                upgradeIsToldToComeBack(stage);
                FaultStage.pause(WINDOW_MILLIS);
                visitor.forgetGood();
                stage.comeBack();
                Await.until("a good answer", RECOVERY_MAX, () -> visitor.goodNanos() != 0);
                recovered = visitor.goodNanos() - stage.gateway().firstAcceptedNanos();
            }
            assertThat(Duration.ofNanos(recovered)).isLessThan(FaultStage.RECOVERY);
            assertThat(visitor.seen().keySet()).isSubsetOf(200, 502, 503).contains(200, 503);
            assertThat(visitor.seen().getOrDefault(502, 0)).isLessThan(2); // The one under way.
            assertThat(visitor.unanswered()).isZero();
            assertThat(Duration.ofNanos(visitor.longestNanos())).isLessThan(FaultStage.AT_ONCE);
            FaultStage.allEcho(stage.open(SOCKETS));
            FaultLine.print(
                    "gateway restarting, 12 s",
                    "1012 on each socket, answers " + visitor.seen(),
                    visitor.unanswered(),
                    recovered);
        }
    }

    private static void upgradeIsToldToComeBack(FaultStage stage) throws IOException {
        var answer = stage.sidecar().request(BrowserRequests.handshake("/", stage.cookie()));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.field("retry-after")).isPresent();
    }

    @Test
    void realGateway_isServedWithinASecondOfBeingReady(RealParts parts) throws Exception {
        var gateway = parts.gateway();
        // The Gateway's own word, or ours.
        cutAndServedAgain(parts, "real Gateway restarting", gateway::stop, 1001, 1012);
    }

    /** Ends the real Gateway. */
    @FunctionalInterface
    private interface Ending {
        void end() throws Exception;
    }

    /** With a socket open, and somebody who asks all the while. */
    private static void cutAndServedAgain(
            RealParts parts, String name, Ending ending, Integer... codes) throws Exception {
        var gateway = parts.gateway();
        try (var sidecar = GatewayDoor.start(parts);
                var client = sidecar.connect()) {
            var cookie = SignIn.cookie(parts.certificates(), sidecar, Realm.Person.ALICE);
            var visitor = new Visitor(sidecar, BrowserRequests.get("/", cookie), PACE_MILLIS);
            long ready;
            int code;
            try (visitor) {
                Await.until("an answer", RECOVERY_MAX, () -> visitor.goodNanos() != 0);
                client.patience(Duration.ofSeconds(60));
                client.send(BrowserRequests.handshake("/", cookie));
                assertThat(client.answer().status()).isEqualTo(101);
                assertThat(Frames.read(client.in()).text()).contains("connect.challenge");
                ending.end();
                code = closeCode(client);
                visitor.forgetGood();
                var started = started(gateway);
                ready = readyNanos(gateway, started);
                Await.until("a good answer", RECOVERY_MAX, () -> visitor.goodNanos() != 0);
                started.join();
            }
            long recovered = Math.max(0, visitor.goodNanos() - ready);
            assertThat(Duration.ofNanos(recovered)).isLessThan(FaultStage.RECOVERY);
            assertThat(code).isIn((Object[]) codes);
            assertThat(visitor.seen().keySet()).isSubsetOf(200, 502, 503);
            assertThat(visitor.unanswered()).isZero();
            FaultLine.print(
                    name,
                    code + " on the socket, answers " + visitor.seen(),
                    visitor.unanswered(),
                    recovered);
        }
    }

    @Test
    void realGatewayFrozenThenKilled_isSaidInTimeAndServedAgain(RealParts parts) throws Exception {
        var gateway = parts.gateway();
        var settings = GatewayDoor.settings(parts).section("limits", "{ answer-time: 1s }");
        try (var sidecar = Sidecar.start(parts.certificates(), settings);
                var client = sidecar.connect()) {
            var get =
                    BrowserRequests.get(
                            "/", SignIn.cookie(parts.certificates(), sidecar, Realm.Person.ALICE));
            assertThat(sidecar.request(get).status()).isEqualTo(200);
            Duration limit;
            signal(gateway, "STOP");
            try {
                long frozen = System.nanoTime();
                assertThat(client.send(get).answer().status()).isEqualTo(504);
                limit = Duration.ofNanos(System.nanoTime() - frozen);
                assertThat(client.send(get).answer().status()).isEqualTo(503);
                assertThat(sidecar.ask("ready").text()).contains("does not answer");
            } finally {
                signal(gateway, "CONT"); // Others share it.
            }
            long begun = System.nanoTime();
            Await.until("an answer", RECOVERY_MAX, () -> sidecar.request(get).status() == 200);
            long thawed = System.nanoTime() - begun;
            FaultLine.print(
                    "real Gateway frozen",
                    "504 after " + limit.toMillis() + " ms, then 503 at once",
                    0,
                    thawed);
        }
        cutAndServedAgain(parts, "real Gateway killed", () -> signal(gateway, "KILL"), 1012);
    }

    private static void signal(RealGateway gateway, String name) throws Exception {
        var kill = new ProcessBuilder("kill", "-" + name, Long.toString(gateway.pid()));
        assertThat(kill.start().waitFor()).isZero();
    }

    private static int closeCode(DoorClient client) throws IOException {
        while (true) {
            var frame = Frames.read(client.in());
            if (frame.opcode() == Frames.CLOSE) {
                return frame.closeCode();
            }
        }
    }

    private static CompletableFuture<Void> started(RealGateway gateway) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        gateway.restart();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new CompletionException(e);
                    }
                },
                task -> Thread.ofPlatform().name("gateway-restart").start(task));
    }

    /** When its {@code /readyz} answered 200, asked directly; to 20 ms. */
    private static long readyNanos(RealGateway gateway, CompletableFuture<Void> started)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + gateway.address().getPort()
                                                + "/readyz"))
                        .timeout(Duration.ofSeconds(2))
                        .build();
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            while (true) {
                try {
                    var answer = client.send(request, HttpResponse.BodyHandlers.discarding());
                    if (answer.statusCode() == 200) {
                        return System.nanoTime();
                    }
                } catch (IOException notYet) {
                    if (started.isCompletedExceptionally()) {
                        throw notYet;
                    }
                }
                FaultStage.pause(20);
            }
        }
    }
}
