package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.AddressKey;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HalfReceivedTest {
    private static final int MAX = 10_000;

    private final Meters meters = new Meters("test");
    private final HalfReceived half = new HalfReceived(MAX, 1, meters);
    private final EmbeddedChannel first = new EmbeddedChannel();
    private final EmbeddedChannel second =
            new EmbeddedChannel() {
                @Override
                public EventLoop eventLoop() {
                    return first.eventLoop(); // Each loop has its share.
                }
            };

    HalfReceivedTest() {
        first.freezeTime();
        half.begin(first);
        half.begin(second);
    }

    @AfterEach
    void close() {
        first.finishAndReleaseAll();
        second.finishAndReleaseAll();
        meters.close();
    }

    @Test
    void tooMuch_endsWhoHasHeldSomeForLong() {
        of(first).message(2_000);
        pass(1_000);
        of(second).message(8_000);
        assertThat(first.isActive()).isTrue();
        of(second).message(8_001);
        assertThat(first.isActive()).isFalse();
        assertThat(second.isActive()).isTrue();
        assertThat(meters.scrape()).contains("limit_reached_total{limit=\"memory\"} 1.0");
    }

    @Test
    void tooMuchAtOnce_endsWhoHoldsMost() {
        of(first).message(2_000);
        pass(50);
        of(second).message(8_001);
        assertThat(first.isActive()).isTrue();
        assertThat(second.isActive()).isFalse();
    }

    @Test
    void whatHasItsEnd_countsNoMore() {
        of(first).message(9_000);
        of(first).message(0);
        of(second).message(9_000);
        of(first).message(1_024); // Little.
        assertThat(first.isActive()).isTrue();
        assertThat(second.isActive()).isTrue();
    }

    @Test
    void recordsAndMessagesAndRequestsThatWait_countTogether() {
        of(second).record(1_400);
        pass(1_000);
        of(first).record(3_000);
        of(first).message(3_000);
        of(first).waiting(2_000);
        of(first).waiting(600);
        assertThat(second.isActive()).isTrue();
        of(first).waiting(100);
        assertThat(second.isActive()).isFalse();
        assertThat(first.isActive()).isTrue();
    }

    @Test
    void oneThatHoldsMoreThanAllMay_ends() {
        of(first).message(MAX + 1);
        assertThat(first.isActive()).isFalse();
    }

    @Test
    void whatAClosedConnectionHeld_countsNoMore() {
        of(first).message(9_000);
        first.close();
        of(second).message(9_000);
        assertThat(second.isActive()).isTrue();
        assertThat(meters.scrape()).contains("limit_reached_total{limit=\"memory\"} 0.0");
    }

    /** As its handlers do when they are removed, which comes behind the close. */
    @Test
    void whatAClosedConnectionStillSays_countsNoMore() {
        of(second).message(2_500);
        of(first).message(5_000);
        of(first).waiting(2_000);
        first.close();
        of(first).waiting(1_000);
        assertThat(second.isActive()).isTrue();
    }

    @Test
    void whoseFirstWordComesBehindItsClose_countsNot() {
        of(second).message(2_500);
        first.close();
        of(first).message(9_000);
        assertThat(second.isActive()).isTrue();
    }

    @Test
    void whoEndsMostOfIt_isYoungAgain() {
        of(first).message(6_000);
        of(second).message(2_000);
        pass(1_000);
        of(first).message(3_000);
        of(first).message(8_001);
        assertThat(first.isActive()).isTrue();
        assertThat(second.isActive()).isFalse();
    }

    /** A little that is ended again and again keeps nobody young who holds much. */
    @Test
    void whoEndsALittleOfIt_isAsOldAsBefore() {
        of(first).waiting(5_000);
        pass(1_000);
        for (int i = 0; i < 10; i++) {
            of(first).message(10);
            of(first).message(0);
        }
        of(second).message(5_001);
        assertThat(first.isActive()).isFalse();
        assertThat(second.isActive()).isTrue();
    }

    @Test
    void tablesOfStrangers_countUntilTheyAreKnown() {
        of(second).message(2_000);
        of(first).table(1_000);
        of(first).table(1_000);
        of(first).proven();
        of(second).message(8_500); // Of the first one none counts any more.
        assertThat(second.isActive()).isTrue();
        of(second).message(2_000);
        of(first).table(9_000_000);
        assertThat(first.isActive()).as("it is known").isTrue();
    }

    /** Whoever is allowed something is no stranger. */
    @Test
    void tablesOfWhoWasAllowedSomething_countNoMore() {
        new Unproven(() -> Duration.ofMinutes(1), meters)
                .begin(first, AddressKey.of(InetAddress.getLoopbackAddress()));
        of(first).table(3_000); // 9,000 in the heap.
        Unproven.proven(first);
        of(second).message(9_000);
        assertThat(first.isActive()).isTrue();
        assertThat(second.isActive()).isTrue();
    }

    @Test
    void tableOfAStranger_countsForNoMoreThanItHolds() {
        new HalfReceived(3 * 4096, 1, meters).begin(first);
        of(first).table(2_000);
        of(first).table(9_000_000);
        assertThat(first.isActive()).isTrue();
        of(first).message(1);
        assertThat(first.isActive()).as("not one byte less").isFalse();
    }

    @Test
    void bodiesBehindWholeAnswers_countOfEverybody() {
        of(first).unread(6_000);
        of(first).proven();
        pass(9_000);
        of(second).message(4_000);
        assertThat(first.isActive()).isTrue();
        of(second).message(4_001);
        assertThat(first.isActive()).isFalse();
        assertThat(second.isActive()).isTrue();
    }

    /** An upload may be slow, and ends a record in seconds; strangers come again and again. */
    @Test
    void whoWasAllowedSomething_goesAfterStrangersWhoHoldAnEighthOfIt() {
        of(first).proven();
        of(first).record(8_000);
        pass(900);
        of(second).message(1_100);
        pass(1_000);
        of(second).message(2_001);
        assertThat(first.isActive()).isTrue();
        assertThat(second.isActive()).isFalse();
    }

    @Test
    void whoWasAllowedSomething_goesAllTheSameForMuchMore() {
        of(first).proven();
        of(first).record(8_000);
        pass(9_000);
        of(second).message(2_001);
        assertThat(first.isActive()).isFalse();
        assertThat(second.isActive()).isTrue();
    }

    @Test
    void certificatesOfStrangers_countThreefoldUntilTheyAreKnown() {
        of(first).certificates(3_000);
        of(second).message(1_100);
        assertThat(first.isActive()).isFalse();
        of(second).message(0);
        of(second).certificates(3_000);
        of(second).proven();
        of(second).message(9_000);
        assertThat(second.isActive()).isTrue();
    }

    @Test
    void tableOfAStranger_isHeldForAsLongAsItsConnection() {
        of(first).table(2_000); // 6,000 in the heap.
        pass(1_000);
        of(second).message(4_001);
        assertThat(first.isActive()).isFalse();
        assertThat(second.isActive()).isTrue();
    }

    private void pass(long millis) {
        first.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    }

    private static HalfReceived.Of of(EmbeddedChannel channel) {
        return HalfReceived.of(channel);
    }
}
