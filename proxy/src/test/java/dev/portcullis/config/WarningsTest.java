package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator should know, though it does not stop the start. */
class WarningsTest {
    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
    }

    @Test
    void userHeaderThatCanBeGuessed_isWarnedOf_withoutItsName() {
        for (var name : new String[] {"x-forwarded-user", "x-sidecar-user-0123456789abcdef"}) {
            files.write("user-header", name);
            assertThat(files.warnings(ConfigFolder.SMALLEST))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "portcullis.yaml:5:16: warning: gateway.user-header: a name that can")
                    .doesNotContain(name);
        }
    }

    @Test
    void userHeaderOf128Bits_isNotWarnedOf() {
        assertThat(UserHeader.isUnguessable("x-u-0123456789abcdef0123456789abcdef")).isTrue();
        assertThat(UserHeader.isUnguessable("x-u-0123456789abcdef0123456789abcde")).isFalse();
        assertThat(UserHeader.isUnguessable("x-mfzwizltoq2gk3tu6mhrq5dz4y")).isTrue();
        assertThat(UserHeader.isUnguessable("x-a-very-long-name-made-of-words-only-no-digits"))
                .isFalse();
    }

    @Test
    void keyThatOthersMayRead_isWarnedOf() throws IOException {
        Files.setPosixFilePermissions(
                temp.resolve("tls.key"), PosixFilePermissions.fromString("rw-r-----"));
        assertThat(files.warnings(ConfigFolder.SMALLEST))
                .singleElement()
                .asString()
                .contains("tls.key: readable by others");
    }

    @Test
    void certificateOutsideItsTime_isWarnedOf() {
        var file = files.write("portcullis.yaml", ConfigFolder.SMALLEST);
        assertThat(warningsAt(file, 3601)).contains("tls.certificate: expired on ");
        assertThat(warningsAt(file, -3601)).contains("tls.certificate: not valid before ");
        assertThat(warningsAt(file, 3600)).isEqualTo("[]");
    }

    private String warningsAt(Path file, long secondsFromNow) {
        var clock = InstantSource.fixed(ConfigFolder.NOW.plusSeconds(secondsFromNow));
        return switch (ConfigFile.load(file, files.env, clock)) {
            case ConfigFile.Loaded(_, var warnings) -> warnings.toString();
            case ConfigFile.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }

    @Test
    void certificateOfAnotherHost_isWarnedOf() {
        assertThat(files.warnings(ConfigFolder.SMALLEST.replace("claw.example", "other.example")))
                .singleElement()
                .asString()
                .contains("tls.certificate: does not name the host of public-origin");
    }

    @Test
    void lineThatEndedAlready_isWarnedOf() {
        var yaml =
                ConfigFolder.SMALLEST.replace(
                        "[alice@example.com]",
                        "[{ user: alice@example.com, until: 2026-11-22T12:00:00Z }]");
        assertThat(files.warnings(yaml))
                .singleElement()
                .asString()
                .contains("allow-users[].until: past already");
    }

    @Test
    void burstBelowAFirstLoad_isWarnedOf() {
        var yaml = ConfigFolder.SMALLEST + "rate-limits: { address: { rate: 1/s, burst: 149 } }\n";
        assertThat(files.warnings(yaml)).singleElement().asString().contains("address.burst: 149");
    }

    @Test
    void insecureSettings_areWarnedOf() {
        var yaml =
                ConfigFolder.SMALLEST.replace(
                        "  client-id:", "  insecure-unverified-email: true\n  client-id:");
        assertThat(files.warnings(yaml))
                .singleElement()
                .asString()
                .contains("sign-in.insecure-unverified-email: on; this weakens safety");
    }
}
