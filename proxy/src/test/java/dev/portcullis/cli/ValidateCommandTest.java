package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a person or a program calls it. */
class ValidateCommandTest {
    private static final String SIX_MISTAKES =
            """
            listen: 0.0.0.0:8443
            public-orign: https://claw.example.com
            gateway:
              user-header: ${file:absent}
            sign-in:
              issuer: https://login.example.com
              client-id: portcullis
              client-id: other
              idle: 30
            limits: { head: 32KiB }
            allow-users: [alice@example.com]
            """;

    @TempDir Path temp;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Map<String, String> env = new HashMap<>();

    @Test
    void sixMistakes_areAllPrinted_andExitIs78() throws IOException {
        var file = Files.writeString(temp.resolve("p.yaml"), SIX_MISTAKES);
        assertThat(run("validate", file.toString())).isEqualTo(78);
        assertThat(err.toString())
                .contains(file + ":1:1: public-origin: found nothing (expected: ")
                .contains(file + ":2:1: public-orign: found an unknown key (expected: ")
                .contains(file + ":4:16: gateway.user-header: found ${file:absent}: no such file (")
                .contains(file + ":8:3: sign-in.client-id: found a second time; first on line 7 (")
                .contains(file + ":9:9: sign-in.idle: found 30 (expected: a duration from ")
                .contains(file + ":10:17: limits.head: found 32KiB (expected: a size from ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void sixMistakes_asJson() throws IOException {
        var file = Files.writeString(temp.resolve("p.yaml"), SIX_MISTAKES);
        assertThat(run("validate", "--json", "--config", file.toString())).isEqualTo(78);
        assertThat(out.toString())
                .startsWith("{\"file\":\"" + file + "\",\"valid\":false,\"problems\":[{\"line\":1,")
                .contains(
                        "{\"line\":2,\"column\":1,\"key\":\"public-orign\",\"found\":\"an unknown key\"")
                .contains("\"suggestion\":\"public-origin\"")
                .endsWith("\"warnings\":[],\"insecureSettings\":[]}\n");
    }

    @Test
    void missingFile_isBadConfiguration_whereverItsNameComesFrom() {
        env.put("PORTCULLIS_CONFIG", temp.resolve("env.yaml").toString());
        assertThat(run("validate")).isEqualTo(78);
        assertThat(err.toString()).contains(temp.resolve("env.yaml") + ":1:1: found no such file");
        assertThat(run("validate", "-c", temp.resolve("option.yaml").toString())).isEqualTo(78);
        assertThat(err.toString())
                .contains(temp.resolve("option.yaml") + ":1:1: found no such file");
    }

    @Test
    void wrongUsage_isExitCode2() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("valdate")).isEqualTo(2);
        assertThat(run("validate", "--jsn")).isEqualTo(2);
        assertThat(run("validate", "a", "b")).isEqualTo(2);
    }

    @Test
    void helpAndVersion_areFine() {
        assertThat(run("--help")).isZero();
        assertThat(run("--version")).isZero();
        assertThat(run("validate", "--help")).isZero();
        assertThat(out.toString()).contains("78", "validate", "portcullis ");
    }

    private int run(String... arguments) {
        return Cli.run(env, new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }
}
