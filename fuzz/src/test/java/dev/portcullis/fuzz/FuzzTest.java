package dev.portcullis.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Some inputs of each target, and one target as the command runs it, so that none rots. {@code
 * fuzz/run} runs them all for long.
 */
class FuzzTest {
    private static final long SEED = 20261126;

    private static final int INPUTS = 2_000;

    /** Of those that are a whole connection each. */
    private static final int CONNECTIONS = 300;

    @ParameterizedTest
    @EnumSource(Target.class)
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void target_findsNothingInSomeInputs(Target target) {
        Replay.of(target, SEED).run(target == Target.HTTP2_FRAMES ? CONNECTIONS : INPUTS);
    }

    /** Breaks at one byte that no seed has. */
    public static final class Broken {
        private Broken() {}

        /** One input. */
        public static void fuzzerTestOneInput(byte[] input) {
            for (byte b : input) {
                Finding.unless(b != '%', "a percent sign");
            }
        }
    }

    @Test
    void brokenRule_isFoundAndItsInputSaid() {
        var seeds = List.of("abc".getBytes(StandardCharsets.US_ASCII));
        var replay = new Replay(Broken.class, seeds, 16, SEED);
        assertThatThrownBy(() -> replay.run(INPUTS))
                .hasMessageContaining("%")
                .hasRootCauseMessage("a percent sign");
    }

    /** Its start alone takes half a minute: one is enough. */
    @Test
    void oneTarget_asTheCommandRunsIt(@TempDir Path folder)
            throws IOException, InterruptedException {
        var outcome = new Fuzz(folder, Duration.ofSeconds(1), SEED, _ -> {}).run(Target.TARGET);
        var log = Files.readString(outcome.log(), StandardCharsets.ISO_8859_1);
        assertThat(outcome.sound()).as(log).isTrue();
        assertThat(outcome.executions()).isPositive();
    }
}
