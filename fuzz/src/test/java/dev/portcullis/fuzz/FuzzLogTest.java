package dev.portcullis.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person is told of a target is what stands in its log. */
class FuzzLogTest {
    private static final String QUIET =
            """
            INFO: Seed: 1
            #2\tINITED cov: 12 ft: 12 corp: 1/1b exec/s: 0 rss: 300Mb
            #145\tREDUCE cov: 2981 ft: 5884 corp: 45/13835b lim: 2085 exec/s: 7 rss: 831Mb L: 187
            #4096\tpulse  cov: 2990 ft: 5884 corp: 45/13835b lim: 2085 exec/s: 70 rss: 831Mb
            """;

    @TempDir private Path folder;

    @Test
    void quietRun_hasItsLastFigures() throws IOException {
        assertThat(read(QUIET)).isEqualTo(new FuzzLog(4096, 2990, ""));
        assertThat(read("")).isEqualTo(new FuzzLog(0, 0, ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "== Java Exception: dev.portcullis.fuzz.Finding: bytes leaked: 7",
                "==123== ERROR: libFuzzer: out-of-memory (malloc(1))",
                "hang: one input took 20 s and goes on",
                "ended: exit code 134"
            })
    void firstFinding_isSaid(String finding) throws IOException {
        assertThat(read(QUIET + finding + "\n==123== ERROR: libFuzzer: fuzz target exited\n"))
                .isEqualTo(new FuzzLog(4096, 2990, finding));
    }

    private FuzzLog read(String log) throws IOException {
        return FuzzLog.read(Files.writeString(folder.resolve("log"), log));
    }
}
