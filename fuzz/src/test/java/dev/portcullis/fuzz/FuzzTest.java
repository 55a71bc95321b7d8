package dev.portcullis.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A few seconds of each target, so that none rots. {@code fuzz/run} runs them for long. */
class FuzzTest {
    private static final Duration SHORT = Duration.ofSeconds(4);

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(Target.class)
    void target_findsNothingInAFewSeconds(Target target) throws IOException, InterruptedException {
        var outcome = new Fuzz(folder, SHORT, 20261126).run(target);
        assertThat(outcome.sound()).as(() -> text(outcome.log())).isTrue();
        assertThat(outcome.executions()).isPositive();
    }

    private static String text(Path log) {
        try {
            return Files.readString(log, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
