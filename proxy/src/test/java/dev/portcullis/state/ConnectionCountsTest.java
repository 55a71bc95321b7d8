package dev.portcullis.state;

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
        assertThat(counts.tryOpenFrom(ALICE)).isTrue();
        assertThat(counts.tryOpenFrom(ALICE)).isTrue();
        assertThat(counts.tryOpenFrom(ALICE)).isFalse();
        assertThat(counts.tryOpenFrom(BOB)).isTrue();
    }

    @Test
    void tooManyInAll_isRefusedForEverybody() {
        var counts = new ConnectionCounts(1, 10);
        assertThat(counts.tryOpen()).isTrue();
        assertThat(counts.tryOpen()).isFalse();
        assertThat(counts.open()).isOne();
    }

    @Test
    void connectionClosed_makesRoomAgain() {
        var counts = new ConnectionCounts(1, 1);
        counts.tryOpen();
        counts.tryOpenFrom(ALICE);
        counts.closedFrom(ALICE);
        counts.closed();
        assertThat(counts.tryOpen()).isTrue();
        assertThat(counts.tryOpenFrom(ALICE)).isTrue();
    }

    @Test
    void refusals_leaveNoTrace() {
        var counts = new ConnectionCounts(1, 1);
        counts.tryOpen();
        counts.tryOpenFrom(ALICE);
        for (int i = 0; i < 100; i++) {
            assertThat(counts.tryOpen()).isFalse();
            assertThat(counts.tryOpenFrom(ALICE)).isFalse();
        }
        counts.closed();
        counts.closedFrom(ALICE);
        assertThat(counts.open()).isZero();
        assertThat(counts.addresses()).isZero();
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
            if (counts.tryOpen()) {
                if (counts.tryOpenFrom(address)) {
                    counts.closedFrom(address);
                }
                counts.closed();
            }
        }
    }

    @Test
    void oneThatCloses_makesRoomAtTheLimitAndNotAboveIt() {
        var counts = new ConnectionCounts(2, 2);
        assertThat(counts.tryOpen()).isTrue();
        assertThat(counts.tryOpen()).isTrue();
        assertThat(counts.tryOpen()).isFalse();
        assertThat(counts.oneLessIsRoom()).isTrue();
        counts.limits(1, 1);
        assertThat(counts.oneLessIsRoom()).isFalse();
        counts.closed();
        assertThat(counts.tryOpen()).isFalse();
        assertThat(counts.oneLessIsRoom()).isTrue();
    }
}
