package dev.portcullis.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short differential run. {@code fuzz/differential} makes a million requests. */
class DifferentialTest {
    @TempDir private Path folder;

    @Test
    void whatWeForward_isReadAlikeByNodeNginxAndHaproxy() throws IOException, InterruptedException {
        for (var program : List.of("node", "nginx", "haproxy")) {
            boolean present = isOnThePath(program);
            Assumptions.assumeTrue(
                    present || "true".equals(System.getenv("CI")), program + " is not here");
        }
        var outcome = new Differential(20_000, 20261126).run(folder);
        assertThat(outcome.disagreement()).isNull();
        assertThat(outcome.forwarded()).isGreaterThan(2_000);
    }

    private static boolean isOnThePath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
