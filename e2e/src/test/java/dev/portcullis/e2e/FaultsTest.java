package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.e2e.RecordingGateway.Connection;
import dev.portcullis.e2e.RecordingGateway.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What goes wrong behind the door: what the client sees, that nothing is lost that was whole, and
 * how soon it is well again. Prints the times.
 */
@ExtendWith(RealParts.Provided.class)
@Isolated("It measures.")
class FaultsTest {
    private static final int SOCKETS = Integer.getInteger("faults.sockets", 2_000);
    private static final Duration RECOVERY = Duration.ofSeconds(1);

    /** Room for a machine that does other things too. */
    private static final Duration AT_ONCE = Duration.ofMillis(900);

    private volatile RecordingGateway.Script script = RecordingGateway::answerOrEcho;
    private volatile long firstAcceptedNanos;
    private RealParts real;
    private RecordingGateway gateway;
    private Sidecar sidecar;
    private String cookie;

    @BeforeEach
    void start(RealParts parts) throws IOException {
        real = parts;
        gateway = RecordingGateway.start(this::serve);
        var settings = new SidecarSettings(real.certificates(), gateway.port(), real.issuer());
        settings.section(
                "limits",
                "{ answer-time: 1s, connections-per-address: 5000, sockets-per-user: 5000,"
                        + " gateway-connections: 5000, drain-jitter: 10s }");
        sidecar = Sidecar.start(real.certificates(), settings);
        cookie = SignIn.cookie(real.certificates(), sidecar, Realm.Person.ALICE);
    }

    @AfterEach
    void stop() throws IOException {
        sidecar.close();
        gateway.close();
    }

    private void serve(Request request, Connection connection) throws IOException {
        if (firstAcceptedNanos == 0) {
            firstAcceptedNanos = System.nanoTime();
        }
        script.serve(request, connection);
    }

    @Test
    void killedWhileIdle_is503AtOnceAndWellWithinASecond() throws IOException {
        try (var client = sidecar.connect()) {
            assertThat(client.send(get("/")).answer().status()).isEqualTo(200);
            gateway.close();
            long begun = System.nanoTime();
            var refused = client.send(get("/")).answer();
            long took = System.nanoTime() - begun;
            assertThat(refused.status()).isIn(502, 503);
            assertThat(client.send(get("/")).answer().field("retry-after")).isPresent();
            assertThat(Duration.ofNanos(took)).isLessThan(AT_ONCE);
            report("gateway killed, idle: refused after", took);
            report("gateway killed, idle: first good answer after", recover(client));
        }
    }

    @Test
    void killedInMidRequest_is502AtOnce() throws IOException {
        var asked = new CountDownLatch(1);
        script =
                (request, connection) -> {
                    asked.countDown();
                    connection.in().read(); // Until the end.
                };
        try (var client = sidecar.connect();
                var half = sidecar.connect()) {
            client.send(get("/"));
            await(asked);
            long begun = System.nanoTime();
            gateway.close();
            assertThat(client.answer().status()).isEqualTo(502);
            report("gateway killed, in mid-request: 502 after", System.nanoTime() - begun);
            script = RecordingGateway::answerOrEcho;
            report("gateway killed, in mid-request: first good answer after", recover(half));
        }
    }

    @Test
    void killedWithManySockets_closesEachWith1012() throws Exception {
        var clients = open(SOCKETS);
        long begun = System.nanoTime();
        gateway.close();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var codes = new ArrayList<java.util.concurrent.Future<Integer>>();
            for (var client : clients) {
                codes.add(threads.submit(() -> closeCode(client)));
            }
            for (var code : codes) {
                assertThat(code.get()).isEqualTo(1012);
            }
        }
        report(
                "gateway killed, " + SOCKETS + " sockets: all told 1012 after",
                System.nanoTime() - begun);
        try (var client = sidecar.connect()) {
            report(
                    "gateway killed, " + SOCKETS + " sockets: first good answer after",
                    recover(client));
        }
        for (var client : clients) {
            client.close();
        }
    }

    @Test
    void frozen_is504AtTheLimitThenRefusedAtOnceAndSaidByReady() throws IOException {
        var thawed = new CountDownLatch(1);
        script =
                (request, connection) -> {
                    await(thawed);
                    RecordingGateway.answerOrEcho(request, connection);
                };
        try (var client = sidecar.connect()) {
            long begun = System.nanoTime();
            assertThat(client.send(get("/")).answer().status()).isEqualTo(504);
            report("gateway frozen: 504 after", System.nanoTime() - begun);
            begun = System.nanoTime();
            assertThat(client.send(get("/")).answer().status()).isEqualTo(503);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(AT_ONCE);
            report("gateway frozen: then 503 after", System.nanoTime() - begun);
            assertThat(sidecar.ask("ready").text()).contains("does not answer");
            thawed.countDown();
            begun = System.nanoTime();
            Await.until(
                    "an answer",
                    Duration.ofSeconds(5),
                    () -> client.send(get("/")).answer().status() == 200);
            report("gateway frozen: first good answer after", System.nanoTime() - begun);
            assertThat(sidecar.ask("ready").status()).isEqualTo(200);
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
        try (var canary = sidecar.connect();
                var client = sidecar.connect()) {
            for (var bytes : broken) {
                script =
                        (request, connection) -> {
                            if (request.line().contains("/canary")) {
                                RecordingGateway.answerOrEcho(request, connection);
                            } else {
                                connection.send(bytes);
                                connection.socket().close();
                            }
                        };
                assertThat(client.send(get("/")).answer().status()).as(bytes).isEqualTo(502);
                assertThat(canary.send(get("/canary")).answer().status()).isEqualTo(200);
            }
            script =
                    (request, connection) -> {
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                        connection.socket().close();
                    };
            client.send(get("/"));
            assertThat(Wire.head(client.in())).startsWith("HTTP/1.1 200 ");
            assertThat(
                            new String(
                                    client.in().readAllBytes(),
                                    java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("half"); // And the end, before the ten bytes that were announced.
        }
    }

    @Test
    void slow_isWaitedForAndWhole() throws IOException {
        script =
                (request, connection) -> {
                    pause(500);
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
                    for (var letter : List.of("w", "h", "o", "l", "e")) {
                        pause(100);
                        connection.send(letter);
                    }
                };
        try (var client = sidecar.connect()) {
            assertThat(client.send(get("/")).answer().text()).isEqualTo("whole");
        }
    }

    @Test
    void secondSigterm_cutsAtOnce() throws Exception {
        var clients = open(20);
        sidecar.process().terminate();
        Await.until("the stop", Duration.ofSeconds(5), () -> sidecar.ask("ready").status() == 503);
        long begun = System.nanoTime();
        sidecar.process().terminate();
        assertThat(sidecar.process().exitCode(5)).isZero();
        report("second SIGTERM: gone after", System.nanoTime() - begun);
        for (var client : clients) {
            client.close();
        }
    }

    /** The Gateway comes back: how long from its first accepted connection to a good answer. */
    private long recover(DoorClient client) throws IOException {
        firstAcceptedNanos = 0;
        gateway = RecordingGateway.startAt(gateway.port(), this::serve);
        Await.until(
                "a good answer",
                Duration.ofSeconds(10),
                () -> client.send(get("/")).answer().status() == 200);
        long took = System.nanoTime() - firstAcceptedNanos;
        assertThat(Duration.ofNanos(took)).isLessThan(RECOVERY);
        return took;
    }

    private List<DoorClient> open(int count) throws Exception {
        var clients = new ArrayList<CompletableFuture<DoorClient>>();
        try (var threads = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < count; i++) {
                clients.add(CompletableFuture.supplyAsync(this::socket, threads));
            }
            CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)).join();
        }
        return clients.stream().map(CompletableFuture::join).toList();
    }

    private DoorClient socket() {
        try {
            var client = sidecar.connect();
            client.patience(Duration.ofSeconds(60));
            client.openSocket("/", cookie);
            assertThat(Frames.read(client.in()).text()).isEqualTo("hello");
            return client;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static int closeCode(DoorClient client) throws IOException {
        var frame = Frames.read(client.in());
        return frame.opcode() == Frames.CLOSE ? frame.closeCode() : -1;
    }

    private String get(String path) {
        return BrowserRequests.get(path, cookie);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(long millis) {
        java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
    }

    @SuppressWarnings("SystemOut") // The times are what the test is run for.
    private static void report(String what, long nanos) {
        System.out.printf("fault: %s %d ms%n", what, Duration.ofNanos(nanos).toMillis());
    }
}
