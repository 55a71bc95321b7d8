package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.AddressKey;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who makes room for one more when its own event loop has nobody of its address. */
class UnprovenTest {
    private static final AddressKey OURS = key("198.51.100.1");
    private static final AddressKey ANOTHER = key("198.51.100.2");

    private final Meters meters = new Meters("test");
    private final Unproven unproven = new Unproven(() -> Duration.ofMinutes(1), meters);
    private final EmbeddedChannel here = new EmbeddedChannel();
    private final List<EmbeddedChannel> elsewhere = new ArrayList<>();
    private final List<Boolean> told = new ArrayList<>();

    @AfterEach
    void close() {
        here.finishAndReleaseAll();
        elsewhere.forEach(EmbeddedChannel::finishAndReleaseAll);
        meters.close();
    }

    /** Whichever loop is asked first. */
    @Test
    void oneOfTheSameAddressGoesFirst_whereverItIs() {
        unproven.begin(here, ANOTHER);
        for (int i = 0; i < 20; i++) {
            open(i == 13 ? OURS : ANOTHER);
        }
        makeRoom();
        assertThat(elsewhere).filteredOn(one -> !one.isOpen()).containsExactly(elsewhere.get(13));
        assertThat(here.isOpen()).isTrue();
        assertThat(told).containsExactly(true);
    }

    @Test
    void thenTheOldestOfTheSameLoop() {
        unproven.begin(here, ANOTHER);
        open(ANOTHER);
        open(ANOTHER);
        makeRoom();
        assertThat(here.isOpen()).isFalse();
        assertThat(elsewhere).allMatch(EmbeddedChannel::isOpen);
        assertThat(told).containsExactly(true);
    }

    @Test
    void thenOneOfAnother() {
        open(ANOTHER);
        open(ANOTHER);
        makeRoom();
        assertThat(elsewhere).filteredOn(EmbeddedChannel::isOpen).hasSize(1);
        assertThat(told).containsExactly(true);
    }

    @Test
    void whereThereIsNone_thatIsTold() {
        makeRoom();
        assertThat(told).containsExactly(false);
    }

    private void open(AddressKey from) {
        var channel = new EmbeddedChannel();
        elsewhere.add(channel);
        unproven.begin(channel, from);
    }

    /** Each of the loops runs when it is run here. */
    private void makeRoom() {
        unproven.cutElsewhere(here.eventLoop(), OURS, told::add);
        for (int i = 0; i < 2 * elsewhere.size() + 3; i++) {
            here.runPendingTasks();
            elsewhere.forEach(EmbeddedChannel::runPendingTasks);
        }
    }

    private static AddressKey key(String address) {
        return AddressKey.of(InetAddress.ofLiteral(address));
    }
}
