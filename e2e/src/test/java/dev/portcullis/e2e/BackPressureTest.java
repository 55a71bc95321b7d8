package dev.portcullis.e2e;

import static dev.portcullis.e2e.Payload.MIB;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.e2e.RecordingGateway.Connection;
import dev.portcullis.e2e.RecordingGateway.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * One side stops reading: the other is stopped within 4 MiB, and both finish once it reads on.
 * Socket buffers are fixed at 64 KiB on every socket, else the kernel alone would take it all.
 */
@ExtendWith(RealParts.Provided.class)
@Isolated("It measures.")
class BackPressureTest {
    private static final int BUFFER = 64 * 1024;
    private static final int OFFERED = 100 * MIB;
    private static final int MESSAGE = 4 * MIB;
    private static final int MESSAGES = OFFERED / MESSAGE;
    private static final byte[] UNMASKED = new byte[0];
    private static final long TAKEN_MAX = 4L * MIB;
    private static final Duration QUIET = Duration.ofMillis(1_500);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final AtomicLong written = new AtomicLong();
    private final CountDownLatch resumed = new CountDownLatch(1);

    private final List<AutoCloseable> parts = new ArrayList<>();

    private RecordingGateway gateway;
    private DoorClient client;
    private String cookie;

    @BeforeEach
    void start(RealParts real) throws IOException {
        gateway = RecordingGateway.start(this::serve, BUFFER);
        var settings = new SidecarSettings(real.certificates(), gateway.port(), real.issuer());
        settings.section("limits", "{ socket-buffer: 64KiB }");
        var sidecar = Sidecar.start(real.certificates(), settings);
        parts.add(sidecar);
        cookie = SignIn.cookie(real.certificates(), sidecar, Realm.Person.ALICE);
        client = DoorClient.connect(real.certificates(), sidecar.port(), BUFFER);
        parts.add(client);
        client.patience(PATIENCE);
    }

    @AfterEach
    void stop() throws Exception {
        resumed.countDown();
        for (var part : parts.reversed()) {
            part.close();
        }
    }

    @Test
    void gatewayStopsReadingAnUpload_stopsTheClient() throws IOException {
        client.send(BrowserRequests.upload("/upload", cookie, OFFERED));
        var sent = elsewhere(() -> Payload.write(client.out(), 0, OFFERED, UNMASKED, written));

        assertStopsThenResume();

        assertThat(client.answer().text()).isEqualTo(sent.join());
    }

    @Test
    void clientStopsReadingADownload_stopsTheGateway() throws IOException {
        client.send(BrowserRequests.get("/download", cookie));

        assertStopsThenResume();

        assertThat(Wire.head(client.in())).startsWith("HTTP/1.1 200 ");
        assertThat(Payload.read(client.in(), OFFERED, UNMASKED)).isEqualTo(hash(0, OFFERED));
    }

    @Test
    void gatewayStopsReadingASocket_stopsTheClient() throws IOException {
        client.openSocket("/sink", cookie);
        var sent = elsewhere(() -> sendMessages(client.out(), new byte[] {9, 8, 7, 6}));

        assertStopsThenResume();

        assertThat(sent.join()).isEmpty();
        for (int message = 0; message < MESSAGES; message++) {
            assertThat(Frames.read(client.in()).text()).isEqualTo(hash(message, MESSAGE));
        }
    }

    @Test
    void clientStopsReadingASocket_stopsTheGateway() throws IOException {
        client.openSocket("/source", cookie);

        assertStopsThenResume();

        for (int message = 0; message < MESSAGES; message++) {
            assertThat(Frames.readHeader(client.in()).length()).isEqualTo(MESSAGE);
            assertThat(Payload.read(client.in(), MESSAGE, UNMASKED))
                    .isEqualTo(hash(message, MESSAGE));
        }
    }

    /** The Gateway's part; it reads nothing, and its clients read nothing, until resumed. */
    private void serve(Request request, Connection connection) throws IOException {
        switch (request.line().split(" ", -1)[1]) {
            case "/upload" -> {
                waitForResume();
                var hash = Payload.read(connection.in(), OFFERED, UNMASKED);
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" + hash);
            }
            case "/download" -> {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + OFFERED + "\r\n\r\n");
                Payload.write(connection.out(), 0, OFFERED, UNMASKED, written);
            }
            case "/sink" -> {
                connection.switchProtocols(request);
                Frames.read(connection.in()); // The small first message.
                waitForResume();
                for (int message = 0; message < MESSAGES; message++) {
                    var header = Frames.readHeader(connection.in());
                    var hash = Payload.read(connection.in(), header.length(), header.mask());
                    Frames.write(connection.out(), Frames.TEXT, hash.getBytes(US_ASCII));
                }
            }
            default -> {
                connection.switchProtocols(request);
                Frames.read(connection.in()); // The small first message.
                sendMessages(connection.out(), UNMASKED);
            }
        }
    }

    private String sendMessages(OutputStream out, byte[] mask) throws IOException {
        for (int message = 0; message < MESSAGES; message++) {
            Frames.writeHeader(out, Frames.BINARY, MESSAGE, mask);
            Payload.write(out, message, MESSAGE, mask, written);
        }
        return "";
    }

    /** The writer comes to rest early; then everybody reads on. */
    private void assertStopsThenResume() throws IOException {
        var last = new AtomicLong(-1);
        var since = new AtomicLong(System.nanoTime());
        Await.until(
                "the writer's rest",
                PATIENCE,
                () -> {
                    long now = written.get();
                    if (now == 0 || last.getAndSet(now) != now) {
                        since.set(System.nanoTime());
                    }
                    return System.nanoTime() - since.get() > QUIET.toNanos();
                });
        report(written.get());
        assertThat(written.get()).isLessThanOrEqualTo(TAKEN_MAX);
        resumed.countDown();
    }

    private void waitForResume() throws IOException {
        try {
            if (!resumed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("nobody resumed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @FunctionalInterface
    private interface Writing {
        String write() throws IOException;
    }

    private static CompletableFuture<String> elsewhere(Writing writing) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return writing.write();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> Thread.ofPlatform().name("writer").start(task));
    }

    private static String hash(long seed, long length) throws IOException {
        var nowhere = OutputStream.nullOutputStream();
        return Payload.write(nowhere, seed, length, UNMASKED, new AtomicLong());
    }

    @SuppressWarnings("SystemOut") // The figure is asked for.
    private static void report(long bytes) {
        System.out.printf("back-pressure: the writer rests after %d KiB%n", bytes / 1024);
    }
}
