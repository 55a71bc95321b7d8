package dev.portcullis.e2e;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Chromium with an empty profile, to which the door's public name is 127.0.0.1 and the run's
 * certificate is truly trusted: service workers do not register under an ignored error.
 */
final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

    private final Playwright playwright;
    private final BrowserContext context;

    private Browser(Playwright playwright, BrowserContext context) {
        this.playwright = playwright;
        this.context = context;
    }

    static boolean present() {
        return Files.isExecutable(CHROMIUM);
    }

    static Browser start(TestCertificates certificates, int doorPort) throws IOException {
        System.setProperty("playwright.driver.tmpdir", Project.output("playwright").toString());
        var playwright = Playwright.create();
        var options =
                new BrowserType.LaunchPersistentContextOptions()
                        .setExecutablePath(CHROMIUM)
                        .setHeadless(true)
                        .setViewportSize(1280, 800)
                        .setLocale("en-GB")
                        .setArgs(flags(certificates, doorPort));
        var profile = Files.createTempDirectory(Project.output("profiles"), "chromium");
        return new Browser(
                playwright, playwright.chromium().launchPersistentContext(profile, options));
    }

    private static List<String> flags(TestCertificates certificates, int doorPort)
            throws IOException {
        return List.of(
                "--no-sandbox", // Runs as root in containers; loads nothing but our own pages.
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--ignore-certificate-errors-spki-list=" + certificates.serverKeyHash(),
                "--host-resolver-rules=MAP "
                        + TestCertificates.DOOR
                        + ":443 127.0.0.1:"
                        + doorPort);
    }

    /** The door's cookie of that name, {@code name=value}. */
    String cookie(String name) {
        return context.cookies("https://" + TestCertificates.DOOR).stream()
                .filter(cookie -> cookie.name.equals(name))
                .map(cookie -> cookie.name + "=" + cookie.value)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " (expected: one)"));
    }

    /** The names of the door's cookies. */
    List<String> cookies() {
        return context.cookies("https://" + TestCertificates.DOOR).stream()
                .map(cookie -> cookie.name)
                .toList();
    }

    /** Drops the cookies of a host, as if its session there had ended. */
    void forget(String host) {
        context.clearCookies(new BrowserContext.ClearCookiesOptions().setDomain(host));
    }

    /** A new tab. */
    Page tab() {
        return context.newPage();
    }

    /** Keeps what the page looks like as build output. */
    static void screenshot(Page page, String name) throws IOException {
        var file = Project.output("screenshots").resolve(name + ".png");
        page.screenshot(new Page.ScreenshotOptions().setPath(file));
    }

    /** Fills in Keycloak's form, wherever it stands. */
    static void signInAtKeycloak(Page page, Realm.Person person) {
        page.locator("#username").fill(person.user());
        page.locator("#password").fill(person.password());
        page.locator("#kc-login").click();
    }

    /** The text frames that the page's sockets receive from now on, as they come in. */
    static List<String> socketFrames(Page page) {
        var frames = new ArrayList<String>();
        page.onWebSocket(socket ->
                socket.onFrameReceived(frame -> {
                    var text = frame.text();
                    if (text != null) {
                        frames.add(text);
                    }
                }));
        return frames;
    }

    @Override
    public void close() {
        context.close();
        playwright.close();
    }
}
