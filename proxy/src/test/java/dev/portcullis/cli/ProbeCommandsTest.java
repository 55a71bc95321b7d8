package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.admin.AdminListener;
import dev.portcullis.admin.HealthCheck;
import dev.portcullis.admin.HealthCheck.Health;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code live} and {@code ready} against a real admin listener. */
@Timeout(60)
class ProbeCommandsTest {
    private final AtomicReference<Health> gateway = new AtomicReference<>(Health.UP);
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private AdminListener listener;

    @BeforeEach
    void start() throws IOException {
        listener =
                AdminListener.start(
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                        List.of(
                                new HealthCheck("audit", () -> Health.UP),
                                new HealthCheck("gateway", gateway::get)),
                        () -> "");
    }

    @AfterEach
    void stop() {
        listener.close();
    }

    @Test
    void live_isLive() {
        assertThat(run("live")).isEqualTo(ExitCode.FINE);
        assertThat(out.toString()).isEqualTo("live\n");
    }

    @Test
    void nothingListens_isNotLive() {
        listener.close();
        assertThat(run("live")).isEqualTo(ExitCode.REFUSED);
        assertThat(err.toString()).startsWith("not live: no answer from 127.0.0.1:");
    }

    @Test
    void nothingListens_isSaidToProgramsToo() {
        listener.close();
        assertThat(run("ready", "--json")).isEqualTo(ExitCode.REFUSED);
        assertThat(out.toString()).startsWith("{\"ready\":false,\"why\":\"no answer from ");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void allReady_namesEachComponent() {
        assertThat(run("ready")).isEqualTo(ExitCode.FINE);
        assertThat(out.toString()).isEqualTo("ready\n  audit: ready\n  gateway: ready\n");
    }

    @Test
    void oneDown_isOneAndSaysWhich() {
        gateway.set(new Health.Down("127.0.0.1:18789 refused"));
        assertThat(run("ready")).isEqualTo(ExitCode.REFUSED);
        assertThat(out.toString())
                .isEqualTo(
                        """
                        not ready
                          audit: ready
                          gateway: not ready, 127.0.0.1:18789 refused
                        """);
    }

    @Test
    void json_isTheListenersOwn() {
        gateway.set(new Health.Down("refused"));
        assertThat(run("ready", "--json")).isEqualTo(ExitCode.REFUSED);
        assertThat(out.toString())
                .isEqualTo(
                        "{\"ready\":false,\"components\":[{\"name\":\"audit\",\"ready\":true},"
                                + "{\"name\":\"gateway\",\"ready\":false,\"detail\":\"refused\"}]}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"192.0.2.1:9180", "localhost:9180", "127.0.0.1", "127.0.0.1:0", ":9180", ""})
    void adminThatIsNotALoopbackLiteral_isWrongUsage(String admin) {
        assertThat(execute("ready", "--admin", admin)).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("expected: a loopback literal and a port");
    }

    @Test
    void noConfigurationToRead_is78() {
        assertThat(execute("ready", "--config", "/nowhere.yaml"))
                .isEqualTo(ExitCode.BAD_CONFIGURATION);
        assertThat(err.toString()).contains("/nowhere.yaml");
    }

    private int run(String command, String... more) {
        var admin = "--admin=127.0.0.1:" + listener.address().getPort();
        return more.length == 0 ? execute(command, admin) : execute(command, admin, more[0]);
    }

    private int execute(String... arguments) {
        return Cli.run(Map.of(), new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }
}
