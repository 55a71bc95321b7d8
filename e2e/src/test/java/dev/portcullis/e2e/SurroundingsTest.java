package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The machine lacks what others have, or has lost what was kept: it serves, or says why not. */
@Isolated("It measures.")
class SurroundingsTest {
    private static final Duration RECOVERY = Duration.ofSeconds(5);
    private static final int PEOPLE = 3;

    @Test
    void noTemporaryFolderNoHomeNoNamesAndIpv6Alone_isServed() throws Exception {
        var certificates = TestCertificates.ofThisRun();
        var lacking = List.of("-Djava.io.tmpdir=/nonexistent/tmp", "-Duser.home=/nonexistent");
        boolean ipv6 = ipv6();
        try (var jars = CookieJars.start(certificates, 1);
                var gateway = ipv6 ? RecordingGateway.startOverIpv6() : RecordingGateway.start()) {
            var settings = jars.settings(gateway.port());
            if (ipv6) {
                settings.overIpv6(gateway.port());
            }
            settings.section( // A name that no server knows (RFC 6761 §6.4).
                    "tokens", "[" + settings.token("https://provider.invalid/", "at+jwt") + "]");
            long begun = System.nanoTime();
            try (var sidecar =
                    Sidecar.startAs(
                            List.of("env", "-u", "HOME", "-u", "XDG_STATE_HOME", "-u", "TMPDIR"),
                            certificates,
                            settings,
                            lacking)) {
                long started = System.nanoTime() - begun;
                var cookie = jars.signIn(sidecar, 0);
                assertThat(sidecar.request(BrowserRequests.get("/", cookie)).status())
                        .isEqualTo(200);
                assertThat(sidecar.ask("ready").text()).contains("https://provider.invalid/");
                FaultLine.print(
                        "no /tmp, no home, no DNS" + (ipv6 ? ", IPv6 alone" : ""),
                        "200, and ready names the provider",
                        0,
                        started);
            }
        }
    }

    private static boolean ipv6() {
        try (var probe = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
            return probe.isBound();
        } catch (IOException without) {
            return false;
        }
    }

    /** Nobody can make a folder there, root neither: as on a file system without writing. */
    @Test
    void folderThatCannotBeMade_isSaidInOneLine() throws IOException {
        var certificates = TestCertificates.ofThisRun();
        var folder = Project.output("read-only");
        var settings = new SidecarSettings(certificates, Project.freePort(), "http://127.0.0.1:9");
        settings.plainProvider()
                .section("listen", "127.0.0.1:" + Project.freePort())
                .section("admin", "{ listen: 127.0.0.1:" + Project.freePort() + " }")
                .section("state", "{ directory: /proc/portcullis/state }")
                .section("audit", "{ directory: " + folder.resolve("audit") + " }");
        var file = folder.resolve("portcullis.yaml");
        java.nio.file.Files.writeString(file, settings.yaml());
        var command = new ArrayList<>(List.of(Project.java()));
        command.addAll(Project.productFlags());
        command.addAll(
                List.of(
                        "-jar",
                        Project.productJar().toString(),
                        "run",
                        "--config",
                        file.toString()));
        long begun = System.nanoTime();
        try (var run = ChildProcess.start(command, Map.of(), folder, folder.resolve("log.jsonl"))) {
            assertThat(run.exitCode(60)).isEqualTo(1);
            var said = run.printed().lines().filter(line -> !line.contains("warning: ")).toList();
            assertThat(said)
                    .singleElement()
                    .asString()
                    .startsWith("portcullis did not start: ")
                    .contains("/proc/portcullis");
            FaultLine.print(
                    "nowhere to write",
                    "exit 1, one line says where",
                    0,
                    System.nanoTime() - begun);
        }
    }

    @Test
    void sessionsLost_endCleanlyAndNobodyIsAnother() throws Exception {
        var certificates = TestCertificates.ofThisRun();
        try (var jars = CookieJars.start(certificates, PEOPLE);
                var gateway = RecordingGateway.start();
                var sidecar = Sidecar.start(certificates, jars.settings(gateway.port()))) {
            var before = new ArrayList<String>();
            for (int i = 0; i < PEOPLE; i++) {
                before.add(jars.signIn(sidecar, i));
            }
            sidecar.kill();
            sidecar.process().exitCode(30);
            Project.deleteTree(sidecar.folder().resolve("state"));
            sidecar.startAgain();
            gateway.forget();

            long begun = System.nanoTime();
            for (var cookie : before) {
                var answer = sidecar.request(BrowserRequests.get("/", cookie));
                assertThat(answer.status()).isEqualTo(401);
                assertThat(answer.cookies()).anyMatch(set -> set.equals(SignIn.COOKIE + "="));
            }
            assertThat(gateway.requests()).isEmpty();
            for (int i = PEOPLE - 1; i >= 0; i--) {
                var cookie = jars.signIn(sidecar, i);
                gateway.forget();
                assertThat(sidecar.request(BrowserRequests.get("/", cookie)).status())
                        .isEqualTo(200);
                assertThat(gateway.requests().getFirst().fields().get(SidecarSettings.USER_HEADER))
                        .containsExactly(CookieJars.user(i));
            }
            for (var cookie : before) { // The new ones are not theirs.
                assertThat(sidecar.request(BrowserRequests.get("/", cookie)).status())
                        .isEqualTo(401);
            }
            long took = System.nanoTime() - begun;
            assertThat(Duration.ofNanos(took)).isLessThan(RECOVERY);
            FaultLine.print(
                    "session store lost", "401 and no cookie, a new sign-in is one's own", 0, took);
        }
    }
}
