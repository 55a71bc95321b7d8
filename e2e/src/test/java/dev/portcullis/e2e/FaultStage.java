package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.e2e.RecordingGateway.Connection;
import dev.portcullis.e2e.RecordingGateway.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/** The product before a stand-in that can be killed and comes back, and somebody signed in. */
final class FaultStage implements AutoCloseable {
    /** From the Gateway's first accepted connection to a good answer. */
    static final Duration RECOVERY = Duration.ofSeconds(1);

    /** Room for a machine that does other things too. */
    static final Duration AT_ONCE = Duration.ofMillis(900);

    private final Sidecar sidecar;
    private final String cookie;
    private volatile RecordingGateway.Script script = RecordingGateway::answerOrEcho;
    private RecordingGateway gateway;

    private FaultStage(RealParts real, String limits) throws IOException {
        gateway = RecordingGateway.start(this::serve);
        var settings = new SidecarSettings(real.certificates(), gateway.port(), real.issuer());
        settings.section(
                "limits",
                "{ answer-time: 1s, connections-per-address: 5000, sockets-per-user: 5000,"
                        + " requests-per-user: 5000, gateway-connections: 5000, "
                        + limits
                        + " }");
        sidecar = Sidecar.start(real.certificates(), settings);
        cookie = SignIn.cookie(real.certificates(), sidecar, Realm.Person.ALICE);
    }

    static FaultStage set(RealParts real, String limits) throws IOException {
        return new FaultStage(real, limits);
    }

    private void serve(Request request, Connection connection) throws IOException {
        script.serve(request, connection);
    }

    /** From now on it does that. */
    void script(RecordingGateway.Script next) {
        script = next;
    }

    Sidecar sidecar() {
        return sidecar;
    }

    String cookie() {
        return cookie;
    }

    RecordingGateway gateway() {
        return gateway;
    }

    void kill() throws IOException {
        gateway.close();
    }

    /** The Gateway comes back as it was at first. */
    void comeBack() throws IOException {
        script = RecordingGateway::answerOrEcho;
        gateway = RecordingGateway.startAt(gateway.port(), this::serve);
    }

    /** It comes back: how long from its first accepted connection to a good answer. */
    long recover(DoorClient client) throws IOException {
        comeBack();
        Await.until(
                "a good answer",
                Duration.ofSeconds(10),
                () -> client.send(get("/")).answer().status() == 200);
        long took = System.nanoTime() - gateway.firstAcceptedNanos();
        assertThat(Duration.ofNanos(took)).isLessThan(RECOVERY);
        return took;
    }

    /** Sockets that are open on every side. */
    List<DoorClient> open(int count) {
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
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until each has its close frame, and closes them. */
    static void allTold(List<DoorClient> clients, int code) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var codes = new ArrayList<Future<Integer>>();
            for (var client : clients) {
                codes.add(threads.submit(() -> closeCode(client)));
            }
            for (var told : codes) {
                assertThat(told.get()).isEqualTo(code);
            }
        }
        for (var client : clients) {
            client.close();
        }
    }

    /** Each hears itself; closes them. */
    static void allEcho(List<DoorClient> clients) throws IOException {
        for (var client : clients) {
            Frames.writeMasked(client.out(), Frames.TEXT, new byte[] {'y', 'e', 's'});
            assertThat(Frames.read(client.in()).text()).isEqualTo("yes");
            client.close();
        }
    }

    private static int closeCode(DoorClient client) throws IOException {
        var frame = Frames.read(client.in());
        return frame.opcode() == Frames.CLOSE ? frame.closeCode() : -1;
    }

    String get(String path) {
        return BrowserRequests.get(path, cookie);
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void pause(long millis) {
        LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
    }

    @Override
    public void close() throws IOException {
        sidecar.close();
        gateway.close();
    }
}
