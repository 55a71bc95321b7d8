package dev.portcullis.state;

import static dev.portcullis.policy.ConnectionLimit.Admission.ADMITTED;
import static dev.portcullis.policy.ConnectionLimit.Admission.TOO_MANY;
import static dev.portcullis.policy.ConnectionLimit.Admission.TOO_MANY_FROM_ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class ConnectionCountsTest {
    private static final InetAddress ALICE = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress BOB = InetAddress.ofLiteral("192.0.2.2");

    @Test
    void oneAddressTooMany_isRefusedAndOthersAreNot() {
        var counts = new ConnectionCounts(10, 2);
        assertThat(counts.tryOpen(ALICE)).isEqualTo(ADMITTED);
        assertThat(counts.tryOpen(ALICE)).isEqualTo(ADMITTED);
        assertThat(counts.tryOpen(ALICE)).isEqualTo(TOO_MANY_FROM_ADDRESS);
        assertThat(counts.tryOpen(BOB)).isEqualTo(ADMITTED);
        assertThat(counts.open()).isEqualTo(3);
    }

    @Test
    void tooManyInAll_isRefusedForEverybody() {
        var counts = new ConnectionCounts(1, 10);
        assertThat(counts.tryOpen(ALICE)).isEqualTo(ADMITTED);
        assertThat(counts.tryOpen(BOB)).isEqualTo(TOO_MANY);
        assertThat(counts.open()).isOne();
        assertThat(counts.addresses()).isOne();
    }

    @Test
    void connectionClosed_makesRoomAgain() {
        var counts = new ConnectionCounts(1, 1);
        counts.tryOpen(ALICE);
        counts.closed(ALICE);
        assertThat(counts.tryOpen(BOB)).isEqualTo(ADMITTED);
    }

    @Test
    void refusals_leaveNoTrace() {
        var counts = new ConnectionCounts(10, 1);
        counts.tryOpen(ALICE);
        for (int i = 0; i < 100; i++) {
            assertThat(counts.tryOpen(ALICE)).isEqualTo(TOO_MANY_FROM_ADDRESS);
        }
        counts.closed(ALICE);
        assertThat(counts.open()).isZero();
        assertThat(counts.addresses()).isZero();
        assertThat(counts.tryOpen(ALICE)).isEqualTo(ADMITTED);
    }

    @Test
    void manyThreads_endAtZeroAndNeverPassTheLimit() throws InterruptedException {
        var counts = new ConnectionCounts(3, 2);
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 4; t++) {
            threads.add(Thread.ofPlatform().start(() -> openAndClose(counts)));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(counts.open()).isZero();
        assertThat(counts.addresses()).isZero();
    }

    private static void openAndClose(ConnectionCounts counts) {
        for (int i = 0; i < 10_000; i++) {
            var address = i % 2 == 0 ? ALICE : BOB;
            if (counts.tryOpen(address) == ADMITTED) {
                counts.closed(address);
            }
        }
    }
}
