package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.FileStamp;
import dev.portcullis.config.PortcullisConfig;
import io.netty.pkitesting.CertificateBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(60)
class RunCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<PortcullisConfig> started = new ArrayList<>();
    private final FakeSidecar sidecar = new FakeSidecar();
    private Path file;

    @TempDir Path folder;

    @BeforeEach
    void writeConfiguration() throws Exception {
        var authority =
                new CertificateBuilder()
                        .subject("CN=authority")
                        .setIsCertificateAuthority(true)
                        .ecp256()
                        .buildSelfSigned();
        var certificate =
                new CertificateBuilder()
                        .subject("CN=claw.example.com")
                        .addSanDnsName("claw.example.com")
                        .notBefore(Instant.now().minusSeconds(3600))
                        .notAfter(Instant.now().plusSeconds(90 * 86_400))
                        .ecp256()
                        .buildIssuedBy(authority);
        Files.writeString(folder.resolve("tls.crt"), certificate.getCertificatePathPEM());
        secret("tls.key", certificate.getPrivateKeyPEM());
        secret("user-header", "x-sidecar-user-0123456789abcdef0123456789abcdef");
        secret("client-secret", "correct horse battery staple");
        file =
                Files.writeString(
                        folder.resolve("portcullis.yaml"),
                        """
                        listen: 127.0.0.1:8443
                        public-origin: https://claw.example.com
                        tls: { certificate: tls.crt, key: tls.key }
                        gateway:
                          user-header: ${file:user-header}
                        sign-in:
                          issuer: https://login.example.com/realms/team
                          client-id: portcullis
                          client-secret: ${file:client-secret}
                        allow-users: [alice@example.com]
                        """);
    }

    @Test
    void goodConfiguration_runsUntilItIsToldToStop() {
        assertThat(run(1, this::start)).isEqualTo(ExitCode.FINE);
        assertThat(started).hasSize(1);
        assertThat(out.toString()).startsWith("portcullis is up: https://claw.example.com");
        assertThat(sidecar.done).containsExactly("drain");
    }

    @Test
    void secondSignal_cutsWhatTheDrainWaitsFor() {
        sidecar.drains = new CountDownLatch(1);
        assertThat(run(2, this::start)).isEqualTo(ExitCode.FINE);
        assertThat(sidecar.done).contains("cut", "drain");
    }

    @Test
    void badConfiguration_startsNothingAndExits78() throws IOException {
        Files.writeString(file, "listen: nowhere\n");
        assertThat(run(0, this::start)).isEqualTo(ExitCode.BAD_CONFIGURATION);
        assertThat(started).isEmpty();
        assertThat(err.toString())
                .contains("portcullis.yaml:1:9: listen: found nowhere")
                .contains("nothing was started");
    }

    @Test
    void startThatFails_saysWhyWithoutAStack() {
        int exitCode =
                run(
                        0,
                        (_, _, _) -> {
                            throw new IOException("audit.directory: /nowhere: no such folder");
                        });
        assertThat(exitCode).isEqualTo(ExitCode.REFUSED);
        assertThat(err.toString())
                .contains("portcullis did not start: audit.directory: /nowhere: no such folder")
                .doesNotContain("\tat ");
    }

    @Test
    void secrets_areNotPrinted() {
        run(1, this::start);
        assertThat(out + "" + err).doesNotContain("x-sidecar-user", "correct horse");
    }

    private int run(int signals, Sidecar.Starter starter) {
        var command =
                new RunCommand(
                        Map.of("HOME", folder.toString()),
                        starter,
                        stop -> {
                            for (int i = 0; i < signals; i++) {
                                stop.run();
                            }
                        });
        return new CommandLine(command)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(file.toString());
    }

    private Sidecar start(
            PortcullisConfig config, ConfigFile.Origin origin, Map<Path, FileStamp> files) {
        started.add(config);
        return sidecar;
    }

    private void secret(String name, String value) throws IOException {
        var path = Files.writeString(folder.resolve(name), value);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    private static final class FakeSidecar implements Sidecar {
        private final List<String> done = new ArrayList<>();
        private CountDownLatch drains = new CountDownLatch(0);

        @Override
        public String summary() {
            return "https://claw.example.com";
        }

        @Override
        public void drain() {
            try {
                drains.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            done.add("drain");
        }

        @Override
        public void cut() {
            done.add("cut");
            drains.countDown();
        }
    }
}
