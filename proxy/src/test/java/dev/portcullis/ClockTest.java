package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wall clock is set while everything runs. */
class ClockTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir Path folder;
    private volatile Duration ahead = Duration.ZERO;
    private TestDoor door;

    @BeforeEach
    void open() {
        door = by(folder, Instant.now().plusSeconds(1800));
    }

    @AfterEach
    void close() {
        door.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H", "PT87600H"})
    void aStep_isWrittenDownAndCountedAndSignsNobodyOut(Duration step) throws Exception {
        var alice = door.signIn("alice@example.com");
        try (var socket = DoorSocket.open(door, "Cookie: " + alice)) {
            ahead = step;
            until(() -> audit().contains("\"kind\":\"clock\""));
            socket.ping();
            assertThat(get(alice)).startsWith("HTTP/1.1 200 ");
            var reason = step.isNegative() ? "clock-back" : "clock-ahead";
            assertThat(audit()).contains("\"verdict\":\"done\",\"reason\":\"" + reason + "\"");
            assertThat(door.portcullis().meters().scrape())
                    .contains(
                            "portcullis_clock_steps_total{way=\""
                                    + (step.isNegative() ? "back" : "ahead")
                                    + "\"} 1.0");
            ahead = Duration.ZERO;
            until(() -> audit().split("\"kind\":\"clock\"", -1).length == 3);
            socket.ping();
            assertThat(get(alice)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void whatEndsAtAnInstant_isOverWhenTheClockJumpsPastIt() {
        var eve = door.signIn("eve@example.com");
        try (var socket = DoorSocket.open(door, "Cookie: " + eve)) {
            ahead = HOUR;
            assertThat(socket.closeCode()).isEqualTo(4401);
            assertThat(get(eve)).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void aClockThatIsSetBack_putsOffNoEndOfWhatIsOpen() throws Exception {
        var own = Files.createDirectory(folder.resolve("lapsing"));
        try (var lapsing = by(own, Instant.now().plusSeconds(10))) {
            var eve = lapsing.signIn("eve@example.com");
            try (var socket = DoorSocket.open(lapsing, "Cookie: " + eve)) {
                ahead = HOUR.negated();
                lapsing.portcullis().live().judgeAgain();
                assertThat(socket.closeCode()).isEqualTo(4401);
            }
        }
    }

    /** A door by the clock that is set, where Eve has a grant until then. */
    private TestDoor by(Path own, Instant until) {
        return TestDoor.openBy(
                () -> Instant.now().plus(ahead),
                own,
                "  - { user: eve@example.com, until: " + until + ", ticket: CHG-1 }");
    }

    private String get(String cookie) {
        return door.exchange(
                "GET /api HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\nCookie: "
                        + cookie
                        + "\r\n\r\n");
    }

    private String audit() {
        try {
            return Files.readString(folder.resolve("audit/audit.jsonl"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void until(BooleanSupplier met) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!met.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.sleep(20);
        }
    }
}
