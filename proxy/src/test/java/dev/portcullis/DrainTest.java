package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.RecordedGateway;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our own stop: nobody is cut who is being served. */
class DrainTest {
    @TempDir Path folder;
    private final CountDownLatch drainBegun = new CountDownLatch(1);
    private TestDoor door;
    private String alice;

    @BeforeEach
    void open() {
        door = TestDoor.open(folder, "limits: { drain-jitter: 0s, drain-grace: 8s }");
        alice = door.signIn("alice@example.com");
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void requestUnderWay_isAnsweredAndIsTheLast() {
        try (var busy = door.connect();
                var idle = door.connect()) {
            idle.send(get());
            assertThat(idle.readAnswer()).startsWith("HTTP/1.1 200 ");

            var asked = new CountDownLatch(1);
            door.gateway()
                    .answers((head, gateway) -> {
                        asked.countDown();
                        await(drainBegun);
                        return RecordedGateway.OK.answer(head, gateway);
                    });
            busy.send(get());
            await(asked);
            var drained = CompletableFuture.supplyAsync(door.portcullis()::drain);
            assertThat(idle.readToEnd()).isEmpty();
            drainBegun.countDown();
            assertThat(busy.readToEnd()).startsWith("HTTP/1.1 200 ").endsWith("ok");
            assertThat(drained.join()).isTrue();
        }
    }

    @Test
    void whoIsInAHurry_hasEverySocketToldToGoAtOnceAndWaitsNoLonger() {
        assertThat(door.reload("drain-jitter: 0s", "drain-jitter: 10m"))
                .isEqualTo(new Reload.Done());
        try (var first = DoorSocket.open(door, "Cookie: " + alice);
                var second = DoorSocket.open(door, "Cookie: " + alice);
                var asking = door.connect()) {
            var asked = new CountDownLatch(1);
            door.gateway()
                    .answers((head, gateway) -> {
                        asked.countDown();
                        await(drainBegun); // For as long as the test.
                        return false;
                    });
            asking.send(get());
            await(asked);
            var drained = CompletableFuture.supplyAsync(door.portcullis()::drain);
            door.portcullis().hurry();
            assertThat(first.closeCode()).isEqualTo(1001);
            assertThat(second.closeCode()).isEqualTo(1001);
            assertThat(drained.orTimeout(8, TimeUnit.SECONDS).join()).isFalse();
            drainBegun.countDown();
        }
    }

    private String get() {
        return "GET /api HTTP/1.1\r\nHost: claw.test\r\nCookie: " + alice + "\r\n\r\n";
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
