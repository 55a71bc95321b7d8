package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** Descriptors or memory run short: who is inside is served, and nothing breaks. */
@ExtendWith(RealParts.Provided.class)
@Isolated("It measures.")
class ShortageTest {
    private static final int TICKS_PER_SECOND = 100;

    @Test
    void descriptorsShort_servesWhoIsInsideAndTakesOthersAgainWithinASecond(RealParts parts)
            throws IOException {
        try (var gateway = RecordingGateway.start();
                var sidecar =
                        Sidecar.startLimited(
                                parts.certificates(), settings(parts, gateway), "ulimit -n 256")) {
            var cookie = SignIn.cookie(parts.certificates(), sidecar, Realm.Person.ALICE);
            var request = BrowserRequests.get("/", cookie);
            try (var inside = sidecar.connect()) {
                assertThat(inside.send(request).answer().status()).isEqualTo(200);
                var crowd = crowd(sidecar, 400);
                long ticks = ticks(sidecar);
                long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
                while (System.nanoTime() < end) {
                    assertThat(inside.send(request).answer().status()).isEqualTo(200);
                    pause();
                }
                assertThat(ticks(sidecar) - ticks).isLessThan(TICKS_PER_SECOND); // No busy loop.
                for (var one : crowd) {
                    one.close();
                }
            }
            long begun = System.nanoTime();
            Await.until(
                    "a new connection",
                    Duration.ofSeconds(5),
                    () -> {
                        try {
                            return sidecar.request(request).status() == 200;
                        } catch (IOException notYet) {
                            return false;
                        }
                    });
            long took = System.nanoTime() - begun;
            assertThat(Duration.ofNanos(took)).isLessThan(Duration.ofSeconds(2));
            FaultLine.print("descriptors short, 256", "200 for who is inside", 0, took);
        }
    }

    @Test
    void memoryShort_turnsAwayAndLives(RealParts parts) throws IOException {
        var flags = List.of("-Xmx128m", "-XX:MaxDirectMemorySize=64m");
        try (var gateway = RecordingGateway.start();
                var sidecar =
                        Sidecar.startUnready(
                                parts.certificates(), settings(parts, gateway), flags)) {
            sidecar.awaitReady();
            var cookie = SignIn.cookie(parts.certificates(), sidecar, Realm.Person.ALICE);
            var hostile = new ArrayList<DoorClient>();
            for (int i = 0; i < 600; i++) { // A head of 15 KiB each that never ends.
                try {
                    var client = sidecar.connect();
                    hostile.add(client);
                    client.send(
                            "GET / HTTP/1.1\r\nHost: "
                                    + TestCertificates.DOOR
                                    + "\r\nX-Fill: "
                                    + "x".repeat(15_000));
                } catch (IOException turnedAway) {
                    // As it may be.
                }
            }
            for (var one : hostile) {
                one.close();
            }
            long begun = System.nanoTime();
            Await.until(
                    "a good answer",
                    Duration.ofSeconds(10),
                    () -> {
                        try {
                            return sidecar.request(BrowserRequests.get("/", cookie)).status()
                                    == 200;
                        } catch (IOException notYet) {
                            return false;
                        }
                    });
            long took = System.nanoTime() - begun;
            assertThat(sidecar.log()).doesNotContain("OutOfMemoryError", "OutOfDirectMemoryError");
            assertThat(sidecar.process().alive()).isTrue();
            FaultLine.print("memory short, 128 MB heap", "no OutOfMemoryError", 0, took);
        }
    }

    private static SidecarSettings settings(RealParts parts, RecordingGateway gateway)
            throws IOException {
        return new SidecarSettings(parts.certificates(), gateway.port(), parts.issuer());
    }

    private static List<Socket> crowd(Sidecar sidecar, int count) throws IOException {
        var crowd = new ArrayList<Socket>();
        for (int i = 0; i < count; i++) {
            crowd.add(new Socket(InetAddress.ofLiteral("127.0.0.1"), sidecar.port()));
        }
        return crowd;
    }

    /** CPU time so far: fields 14 and 15 of {@code /proc/PID/stat}, behind the name. */
    private static long ticks(Sidecar sidecar) throws IOException {
        var stat = Files.readString(Path.of("/proc/" + sidecar.process().pid() + "/stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static void pause() {
        java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
}
