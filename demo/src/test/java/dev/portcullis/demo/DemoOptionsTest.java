package dev.portcullis.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoOptionsTest {
    private static final Path HOME = Path.of("/checkout");

    @Test
    void nothing_isAutoOn8443() {
        assertThat(DemoOptions.parse(HOME, List.of()))
                .isEqualTo(
                        new DemoOptions.Understood(
                                new DemoOptions(HOME, DemoOptions.Gateway.AUTO, 8443)));
    }

    @Test
    void both_areTaken() {
        assertThat(DemoOptions.parse(HOME, List.of("--port", "9000", "--gateway", "stand-in")))
                .isEqualTo(
                        new DemoOptions.Understood(
                                new DemoOptions(HOME, DemoOptions.Gateway.STAND_IN, 9000)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--port",
                "--port x",
                "--port 80",
                "--port 65536",
                "--port 99999",
                "--port -1",
                "--gateway",
                "--gateway STAND_IN",
                "--gateway fake",
                "stand-in",
                "--help"
            })
    void anythingElse_isNamed(String line) {
        assertThat(DemoOptions.parse(HOME, List.of(line.split(" "))))
                .isEqualTo(new DemoOptions.Misunderstood(line));
    }
}
