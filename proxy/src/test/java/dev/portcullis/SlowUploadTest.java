package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Http2Text;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A body that comes byte by byte, never pausing for long, and one that is slow and in time. */
class SlowUploadTest {
    private static final int LENGTH = 10_000;

    @TempDir Path folder;
    private TestDoor door;
    private String fields;

    @BeforeEach
    void open() {
        door = TestDoor.open(folder, "limits: { body-idle: 1s, body-rate: 1KiB }\n");
        fields =
                "origin: https://claw.test\r\ncontent-length: "
                        + LENGTH
                        + "\r\ncookie: "
                        + door.signIn("alice@example.com")
                        + "\r\n";
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void drip_is408AndNeverWholeAtTheGateway() throws Exception {
        try (var client = door.connect()) {
            client.send("POST /a HTTP/1.1\r\nHost: claw.test\r\n" + fields + "\r\n");
            var dripping = Thread.ofVirtual().start(() -> drip(() -> client.send("x")));
            assertThat(client.readHead()).startsWith("HTTP/1.1 408 ");
            dripping.interrupt();
            dripping.join();
        }
        assertNeverWhole();
    }

    @Test
    void dripInAStream_is408AndNeverWholeAtTheGateway() throws Exception {
        try (var client = door.connectHttp2()) {
            int stream = client.request(false, head());
            var dripping =
                    Thread.ofVirtual().start(() -> drip(() -> client.data(stream, false, "x")));
            assertThat(client.answer(stream).status()).isEqualTo(408);
            dripping.interrupt();
            dripping.join();
        }
        assertNeverWhole();
    }

    @Test
    void slowAndFastEnough_passes() {
        try (var client = door.connect();
                var other = door.connectHttp2()) {
            client.send("POST /a HTTP/1.1\r\nHost: claw.test\r\n" + fields + "\r\n");
            int stream = other.request(false, head());
            for (int i = 1; i <= 10; i++) {
                pause();
                client.send("x".repeat(LENGTH / 10));
                other.data(stream, i == 10, "x".repeat(LENGTH / 10));
            }
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(other.answer(stream).status()).isEqualTo(200);
        }
    }

    private java.util.List<String> head() {
        return Http2Text.head("POST /a HTTP/1.1", TestDoor.HOST, fields);
    }

    /** Until there is an answer: a drip that stops would be late by its pause. */
    private static void drip(Runnable send) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                send.run();
                pause();
            }
        } catch (java.io.UncheckedIOException closed) {
            // By the door, which is what we wait for.
        }
    }

    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
    }

    private void assertNeverWhole() {
        assertThat(door.gateway().heads()).hasSize(1);
        assertThat(door.gateway().bytes()).doesNotContain("x".repeat(100));
        assertThat(door.portcullis().meters().scrape())
                .contains("portcullis_limit_reached_total{limit=\"body-idle\"} 1.0");
    }
}
