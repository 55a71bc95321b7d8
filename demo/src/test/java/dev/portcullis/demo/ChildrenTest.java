package dev.portcullis.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChildrenTest {
    @TempDir private Path temporary;

    private final Children children = new Children();

    @Test
    void closing_endsAProcessAndItsOwn() throws Exception {
        var parent = start("sleep 300 & echo started; wait");
        var grandchildren = parent.descendants().toList();

        children.close();

        assertThat(parent.isAlive()).isFalse();
        assertThat(grandchildren).isNotEmpty().noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void asked_endsWithItsOwnCode() throws Exception {
        var polite = start("trap 'exit 7' TERM; echo started; while :; do sleep 0.1; done");

        children.stop(polite);

        assertThat(polite.waitFor(1, TimeUnit.SECONDS)).isTrue();
        assertThat(polite.exitValue()).isEqualTo(7);
    }

    @Test
    void afterClosing_nothingStarts() {
        children.close();

        assertThatThrownBy(() -> start("echo started"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("stopping");
    }

    /** Returns when the script has said that it started. */
    private Process start(String script) throws Exception {
        var output = temporary.resolve("output");
        var process = children.start(new ProcessBuilder(List.of("sh", "-c", script)), output);
        while (process.isAlive() && Files.size(output) == 0) {
            Thread.onSpinWait();
        }
        return process;
    }
}
