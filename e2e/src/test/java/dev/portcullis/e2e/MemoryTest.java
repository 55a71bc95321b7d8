package dev.portcullis.e2e;

import static dev.portcullis.e2e.Payload.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.e2e.RecordingGateway.Connection;
import dev.portcullis.e2e.RecordingGateway.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** Much at once through little memory: what streams is never held. */
@ExtendWith(RealParts.Provided.class)
@Isolated("It measures.")
class MemoryTest {
    private static final int AT_ONCE = 8;
    private static final int MESSAGE = 25 * MIB;
    private static final int UPLOAD = 100 * MIB;
    private static final long GROWTH_MAX = 64L * MIB;
    private static final long SEED_OF_GATEWAY = 4_711;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void bigMessagesAndUploadsAtOnce_passWholeInLittleMemory(RealParts parts)
            throws IOException, InterruptedException, ExecutionException {
        try (var gateway = RecordingGateway.start(MemoryTest::serve);
                var sidecar = start(parts, gateway)) {
            var cookie = SignIn.cookie(parts.certificates(), sidecar, Realm.Person.ALICE);
            exchange(sidecar, cookie, 1); // Idle is after classes are loaded and caches filled.
            long idle = sidecar.process().memory("VmRSS");
            sidecar.process().resetPeak();

            var work = new ArrayList<Callable<Void>>();
            for (int i = 0; i < AT_ONCE; i++) {
                int seed = i;
                work.add(() -> exchange(sidecar, cookie, seed));
                work.add(() -> upload(sidecar, cookie, seed));
            }
            all(work);

            report(idle, sidecar.process().memory("VmHWM"));
            assertThat(gateway.failures()).isEmpty();
            assertThat(sidecar.process().memory("VmHWM")).isLessThanOrEqualTo(idle + GROWTH_MAX);
        }
    }

    private static Sidecar start(RealParts parts, RecordingGateway gateway) throws IOException {
        var settings = new SidecarSettings(parts.certificates(), gateway.port(), parts.issuer());
        var sidecar =
                Sidecar.startUnready(
                        parts.certificates(),
                        settings,
                        List.of("-Xmx64m", "-XX:MaxDirectMemorySize=64m"));
        sidecar.awaitReady();
        return sidecar;
    }

    private static void all(List<Callable<Void>> work)
            throws InterruptedException, ExecutionException {
        try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            var running = new ArrayList<Future<Void>>();
            work.forEach(piece -> running.add(threads.submit(piece)));
            for (var piece : running) {
                piece.get();
            }
        }
    }

    /** The Gateway's part: a message each way at once, or an upload; each answered by its hash. */
    private static void serve(Request request, Connection connection) throws IOException {
        if (!request.upgrade()) {
            var length = request.fields().get("content-length").getFirst();
            var hash = Payload.read(connection.in(), Long.parseLong(length), new byte[0]);
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" + hash);
            return;
        }
        connection.switchProtocols(request);
        Frames.read(connection.in()); // The small first message.
        var sending =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                sendMessage(connection, SEED_OF_GATEWAY);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        var header = Frames.readHeader(connection.in());
        var hash = Payload.read(connection.in(), header.length(), header.mask());
        join(sending);
        Frames.write(connection.out(), Frames.TEXT, hash.getBytes(StandardCharsets.UTF_8));
        RecordingGateway.echo(connection);
    }

    private static void sendMessage(Connection connection, long seed) throws IOException {
        Frames.writeHeader(connection.out(), Frames.BINARY, MESSAGE, new byte[0]);
        Payload.write(connection.out(), seed, MESSAGE, new byte[0], new AtomicLong());
    }

    /** The client's part: a message each way at once, both hashes right. */
    private static Void exchange(Sidecar sidecar, String cookie, long seed) throws IOException {
        try (var client = sidecar.connect()) {
            client.patience(PATIENCE);
            client.openSocket("/socket", cookie);
            var sent = new ArrayList<String>();
            var sending =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    sent.add(sendMessage(client, seed));
                                } catch (IOException e) {
                                    throw new AssertionError(e);
                                }
                            });
            var header = Frames.readHeader(client.in());
            assertThat(header.length()).isEqualTo(MESSAGE);
            assertThat(Payload.read(client.in(), MESSAGE, new byte[0])).isEqualTo(gatewaysHash());
            join(sending);
            assertThat(Frames.read(client.in()).text()).isEqualTo(sent.getFirst());
            Frames.writeMasked(client.out(), Frames.CLOSE, new byte[] {3, (byte) 232});
            assertThat(Frames.read(client.in()).closeCode()).isEqualTo(1000);
        }
        return null;
    }

    private static String sendMessage(DoorClient client, long seed) throws IOException {
        var mask = new byte[] {1, 2, 3, (byte) seed};
        Frames.writeHeader(client.out(), Frames.BINARY, MESSAGE, mask);
        return Payload.write(client.out(), seed, MESSAGE, mask, new AtomicLong());
    }

    private static String gatewaysHash() throws IOException {
        return Payload.write(
                OutputStream.nullOutputStream(),
                SEED_OF_GATEWAY,
                MESSAGE,
                new byte[0],
                new AtomicLong());
    }

    private static Void upload(Sidecar sidecar, String cookie, long seed) throws IOException {
        try (var client = sidecar.connect()) {
            client.patience(PATIENCE);
            client.send(BrowserRequests.upload("/upload", cookie, UPLOAD));
            var hash = Payload.write(client.out(), seed, UPLOAD, new byte[0], new AtomicLong());
            var answer = client.answer();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo(hash);
        }
        return null;
    }

    private static void join(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @SuppressWarnings("SystemOut") // The figure is asked for.
    private static void report(long idle, long peak) {
        System.out.printf(
                "memory: %d MiB idle, %d MiB at the peak of %d messages of 25 MiB each way and %d"
                        + " uploads of 100 MiB%n",
                idle / MIB, peak / MIB, AT_ONCE, AT_ONCE);
    }
}
