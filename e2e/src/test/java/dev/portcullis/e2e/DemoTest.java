package dev.portcullis.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Playwright;
import dev.portcullis.certs.DevelopmentCertificates;
import dev.portcullis.demo.GatewayInstall;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./portcullis demo} as a newcomer starts and stops it. */
@Timeout(600)
@ExtendWith(RealParts.Provided.class)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(RealParts.GATEWAY) // It looks for what Gateways leave behind.
@Order(2) // Alone with it, so let it be early.
class DemoTest {
    private static final Pattern UP =
            Pattern.compile("Portcullis is up after \\S+ s:  (https://\\S+)");
    private static final Pattern PORT = Pattern.compile(":([0-9]{4,5})\\b");

    @TempDir private Path home;

    private final List<Process> started = new ArrayList<>();

    /** A Gateway that is only just starting would leave its traces in between. */
    @BeforeAll
    static void settle(RealParts parts) {
        parts.settle();
    }

    /** For a test that failed halfway. */
    @AfterEach
    void stop() throws Exception {
        for (var demo : started) {
            signal(demo, "TERM");
            demo.waitFor(30, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, stand-in", "TERM, stand-in", "INT, real"})
    void stopped_leavesNoProcessPortOrFile(String signal, String gateway) throws Exception {
        var obstacle = GatewayInstall.obstacle(System.getenv());
        Assumptions.assumeTrue(
                gateway.equals("stand-in") || obstacle.isEmpty() || Project.nothingMayBeLeftOut(),
                () -> "no real Gateway: " + obstacle.orElse(""));
        var locks = locks();
        var demo = start("--gateway", gateway, "--port", "" + Project.freePort());
        var said = new ArrayList<String>();
        var address = address(demo, said);
        assertThat(status(address, "/", "text/html")).isEqualTo(302);
        assertThat(status(address, "/api/anything", "*/*")).isEqualTo(401);
        var family = demo.descendants().toList();
        assertThat(family).isNotEmpty();

        signal(demo, signal);

        assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(family).noneMatch(ProcessHandle::isAlive);
        assertThat(ports(said)).hasSizeGreaterThanOrEqualTo(2).noneMatch(DemoTest::listens);
        assertThat(filesBelow(home)).isEmpty();
        assertThat(runFolders()).isEmpty();
        assertThat(locks()).isEqualTo(locks);
    }

    @Test
    void inChromium_oneIsLetIn_theOtherIsToldWhy() throws Exception {
        var demo = start("--gateway", "stand-in", "--port", "" + Project.freePort());
        try (var playwright = Playwright.create()) {
            var address = address(demo, new ArrayList<>());

            var alice = signIn(playwright, address, "alice@example.com");
            assertThat(alice).containsText("You are through");
            assertThat(alice).containsText("alice@example.com");
            assertThat(alice.page().locator("#state")).hasText("open");
            assertThat(alice.page().locator("#echo")).hasText("hello");
            Browser.screenshot(alice.page(), "demo-alice");

            var mallory = signIn(playwright, address, "mallory@example.com");
            assertThat(mallory).containsText("mallory@example.com");
            assertThat(mallory).not().containsText("You are through");
            Browser.screenshot(mallory.page(), "demo-mallory");
        } finally {
            signal(demo, "INT");
            demo.waitFor(30, TimeUnit.SECONDS);
        }
    }

    /** With a browser of their own; what they then see. */
    private static Locator signIn(Playwright playwright, URI address, String user)
            throws Exception {
        Assumptions.assumeTrue(Browser.present() || Project.nothingMayBeLeftOut(), "no Chromium");
        var certificates =
                new DevelopmentCertificates(Project.root().resolve("demo/target/certificates"));
        var profile = Files.createTempDirectory(Project.output("profiles"), "demo");
        var options =
                new BrowserType.LaunchPersistentContextOptions()
                        .setExecutablePath(Path.of("/usr/bin/chromium"))
                        .setHeadless(true)
                        .setArgs(
                                List.of(
                                        "--no-sandbox",
                                        "--disable-gpu",
                                        "--disable-background-networking",
                                        "--ignore-certificate-errors-spki-list="
                                                + certificates.serverKeyHash()));
        var page = playwright.chromium().launchPersistentContext(profile, options).newPage();
        page.navigate(address.toString());
        page.getByText(user).click();
        page.waitForURL(url -> url.startsWith(address.toString()));
        return page.locator("body");
    }

    @Test
    void killedWhileStarting_leavesNoProcess() throws Exception {
        var demo = start("--gateway", "stand-in", "--port", "" + Project.freePort());
        var output = reader(demo);
        for (var line = output.readLine(); line != null && !line.contains("portcullis "); ) {
            line = output.readLine();
        }
        var family = demo.descendants().toList();

        signal(demo, "TERM");

        assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(family).noneMatch(ProcessHandle::isAlive);
        assertThat(runFolders()).isEmpty();
    }

    /** With Java's temporary files and the home in one watched folder. */
    private Process start(String... options) throws IOException {
        var command =
                new ArrayList<>(List.of(Project.root().resolve("portcullis").toString(), "demo"));
        command.addAll(List.of(options));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .putAll(
                        Map.of(
                                "HOME", home.toString(),
                                "XDG_CACHE_HOME", Project.cache().getParent().toString(),
                                "TMPDIR", home.toString(),
                                "JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + home));
        var demo = builder.start();
        started.add(demo);
        return demo;
    }

    private static URI address(Process demo, List<String> said) throws IOException {
        var output = reader(demo);
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            said.add(line);
            var up = UP.matcher(line);
            if (up.find()) {
                return URI.create(up.group(1));
            }
        }
        throw new IOException("the demo ended: " + String.join("\n", said));
    }

    private static BufferedReader reader(Process demo) {
        return new BufferedReader(
                new InputStreamReader(demo.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void signal(Process process, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    }

    private static int status(URI address, String path, String accept) throws Exception {
        try (var client = HttpClient.newBuilder().sslContext(trusting()).build()) {
            var request = HttpRequest.newBuilder(address.resolve(path)).header("Accept", accept);
            return client.send(request.build(), BodyHandlers.discarding()).statusCode();
        }
    }

    private static SSLContext trusting() throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        var file = Project.root().resolve("demo/target/certificates/ca.crt");
        try (var in = Files.newInputStream(file)) {
            var authority = CertificateFactory.getInstance("X.509").generateCertificate(in);
            store.setCertificateEntry("authority", authority);
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static List<Integer> ports(List<String> said) {
        return said.stream()
                .flatMap(line -> PORT.matcher(line).results())
                .map(match -> Integer.valueOf(match.group(1)))
                .distinct()
                .toList();
    }

    private static boolean listens(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    private static List<Path> filesBelow(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** What Gateways leave in /tmp, whatever they are told. */
    private static Set<Path> locks() throws IOException {
        try (var files = Files.walk(Path.of("/tmp"), 2)) {
            return files.filter(file -> file.toString().contains("openclaw-state-locks"))
                    .filter(Files::isRegularFile)
                    .collect(Collectors.toSet());
        }
    }

    private static List<Path> runFolders() throws IOException {
        try (var entries = Files.list(Project.root().resolve("demo/target"))) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("run-"))
                    .toList();
        }
    }
}
