package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
    }

    @Test
    void tenLines_areEnough() {
        assertThat(files.problems(ConfigFolder.SMALLEST)).isEmpty();
        assertThat(files.warnings(ConfigFolder.SMALLEST)).isEmpty();
    }

    @Test
    void sixMistakes_areAllNamedWithPlaceAndExpectation() {
        var problems =
                files.problems(
                        """
                        listen: 0.0.0.0:8443
                        public-orign: https://claw.example.com
                        tls: { certificate: tls.crt, key: tls.key }
                        gateway:
                          user-header: ${file:absent}
                        sign-in:
                          issuer: https://login.example.com/realms/team
                          client-id: portcullis
                          client-id: other
                          idle: 30
                        limits:
                          head: 32KiB
                        allow-users: [alice@example.com]
                        """);
        assertThat(problems)
                .satisfiesExactly(
                        missing ->
                                assertThat(missing)
                                        .startsWith(
                                                "portcullis.yaml:1:1: public-origin: found nothing")
                                        .contains("(expected: https://host"),
                        unknown ->
                                assertThat(unknown)
                                        .startsWith(
                                                "portcullis.yaml:2:1: public-orign: found an unknown key")
                                        .contains("(expected: one of ")
                                        .endsWith("; did you mean public-origin?"),
                        unreadable ->
                                assertThat(unreadable)
                                        .isEqualTo(
                                                "portcullis.yaml:5:16: gateway.user-header: found"
                                                        + " ${file:absent}: no such file (expected: a"
                                                        + " readable UTF-8 file of at most 64 KiB)"),
                        twice ->
                                assertThat(twice)
                                        .isEqualTo(
                                                "portcullis.yaml:9:3: sign-in.client-id: found a second"
                                                        + " time; first on line 8 (expected: each key"
                                                        + " once)"),
                        unit ->
                                assertThat(unit)
                                        .isEqualTo(
                                                "portcullis.yaml:10:9: sign-in.idle: found 30"
                                                        + " (expected: a duration from 1s to 30d, with"
                                                        + " its unit: ms, s, m, h or d)"),
                        range ->
                                assertThat(range)
                                        .isEqualTo(
                                                "portcullis.yaml:12:9: limits.head: found 32KiB"
                                                        + " (expected: a size from 1KiB to 16KiB, with"
                                                        + " its unit: B, KiB, MiB, GiB or TiB)"));
    }
}
