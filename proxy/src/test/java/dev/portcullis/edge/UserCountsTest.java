package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UserCountsTest {
    private static final UserName ALICE = UserName.canonical("alice@example.com").orElseThrow();
    private static final UserName BOB = UserName.canonical("bob@example.com").orElseThrow();

    private final UserCounts counts = new UserCounts();

    @Test
    void oneTooMany_isRefusedAndOthersAreNot() {
        var slot = new UserSlot();
        assertThat(slot.tryTake(counts, ALICE, 1)).isTrue();
        assertThat(new UserSlot().tryTake(counts, ALICE, 1)).isFalse();
        assertThat(new UserSlot().tryTake(counts, BOB, 1)).isTrue();
        slot.giveBack();
        assertThat(new UserSlot().tryTake(counts, ALICE, 1)).isTrue();
    }

    @Test
    void givenBackTwice_countsOnce() {
        var slot = new UserSlot();
        assertThat(slot.tryTake(counts, ALICE, 2)).isTrue();
        assertThat(new UserSlot().tryTake(counts, ALICE, 2)).isTrue();
        slot.giveBack();
        slot.giveBack();
        assertThat(new UserSlot().tryTake(counts, ALICE, 2)).isTrue();
        assertThat(new UserSlot().tryTake(counts, ALICE, 2)).isFalse();
    }

    @Test
    void limitBelowWhatIsCounted_refusesUntilEnoughAreGone() {
        var first = new UserSlot();
        var second = new UserSlot();
        assertThat(first.tryTake(counts, ALICE, 2)).isTrue();
        assertThat(second.tryTake(counts, ALICE, 2)).isTrue();
        assertThat(new UserSlot().tryTake(counts, ALICE, 1)).isFalse();
        first.giveBack();
        assertThat(new UserSlot().tryTake(counts, ALICE, 1)).isFalse();
        second.giveBack();
        assertThat(new UserSlot().tryTake(counts, ALICE, 1)).isTrue();
    }

    @Test
    void manyThreads_neverHoldMoreThanTheLimitAndLeaveNothing() throws InterruptedException {
        var held = new AtomicInteger();
        var tooMany = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform().start(() -> takeAndGiveBack(held, tooMany)));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(tooMany).hasValue(0);
        assertThat(new UserSlot().tryTake(counts, ALICE, 1)).as("nothing is left").isTrue();
    }

    private void takeAndGiveBack(AtomicInteger held, AtomicInteger tooMany) {
        var slot = new UserSlot();
        for (int i = 0; i < 100_000; i++) {
            if (slot.tryTake(counts, ALICE, 2)) {
                if (held.incrementAndGet() > 2) {
                    tooMany.incrementAndGet();
                }
                held.decrementAndGet();
                slot.giveBack();
            }
        }
    }
}
