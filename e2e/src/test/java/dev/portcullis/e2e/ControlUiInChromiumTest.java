package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A person at work: Chromium, Keycloak over HTTPS, and the Gateway's own Control UI. */
@ExtendWith(RealParts.Provided.class)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(RealParts.GATEWAY) // It stops it.
@Order(1) // Alone with it, so let it be early.
class ControlUiInChromiumTest {
    private static final String HOME = "https://" + TestCertificates.DOOR + "/";
    private static final double SECONDS = 1_000;

    @Test
    void allowedPerson_worksThroughAGatewayRestartUntilSignOut(RealParts parts)
            throws IOException, InterruptedException {
        try (var door = GatewayDoor.start(parts);
                var browser = parts.browser(door)) {
            var page = browser.tab();
            var frames = Browser.socketFrames(page);
            page.navigate(HOME);
            Browser.screenshot(page, "1-sign-in-at-keycloak");
            Browser.signInAtKeycloak(page, Realm.Person.ALICE);
            waitForHello(page, frames, 1);
            page.waitForTimeout(2 * SECONDS); // For the picture: the UI draws after hello-ok.
            Browser.screenshot(page, "2-control-ui");

            restartsWithoutAReload(parts, browser, page, frames);
            signOutEndsEverything(door, browser, page);
        }
    }

    private static void restartsWithoutAReload(
            RealParts parts, Browser browser, Page page, List<String> frames)
            throws IOException, InterruptedException {
        page.evaluate("window.thisVeryPage = true");
        parts.gateway().stop();
        var second = browser.tab();
        var answer = second.navigate(HOME + "chat/main");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headerValue("retry-after")).isNotNull();
        Browser.screenshot(second, "3-gateway-down");
        second.close();

        parts.gateway().restart();

        waitForHello(page, frames, 2);
        assertThat(page.evaluate("window.thisVeryPage")).isEqualTo(true);
        page.waitForTimeout(SECONDS); // For the picture.
        Browser.screenshot(page, "4-after-gateway-restart");
    }

    private static void signOutEndsEverything(Sidecar door, Browser browser, Page page)
            throws IOException {
        var old = browser.cookie(SignIn.COOKIE);
        assertThat(door.request(BrowserRequests.get("/", old)).status()).isEqualTo(200);
        var tab = browser.tab();
        tab.navigate(HOME + "_portcullis/sign-out");
        Browser.screenshot(tab, "5-sign-out");
        tab.locator("button[type=submit]").first().click();
        finishAtKeycloak(tab);
        tab.waitForURL("**/_portcullis/signed-out**");
        Browser.screenshot(tab, "6-signed-out");

        assertThat(browser.cookies()).noneMatch(name -> name.equals(SignIn.COOKIE));
        assertThat(door.request(BrowserRequests.get("/", old)).status()).isEqualTo(401);
        assertThat(door.request(BrowserRequests.handshake("/", old)).status()).isEqualTo(401);
        page.waitForTimeout(SECONDS);
        Browser.screenshot(page, "7-control-ui-after-sign-out");
    }

    /** Keycloak asks once more where no ID token came along. */
    private static void finishAtKeycloak(Page tab) {
        var confirm = tab.locator("#kc-logout");
        tab.waitForLoadState();
        if (confirm.isVisible()) {
            confirm.click();
        }
    }

    @Test
    void expiredSession_isRenewedThroughTheUisOwnDialog(RealParts parts) throws IOException {
        var settings = GatewayDoor.settings(parts).absolute("20s");
        try (var door = Sidecar.start(parts.certificates(), settings);
                var browser = parts.browser(door)) {
            var page = browser.tab();
            var frames = Browser.socketFrames(page);
            page.navigate(HOME);
            Browser.signInAtKeycloak(page, Realm.Person.ALICE);
            waitForHello(page, frames, 1);
            page.evaluate("window.thisVeryPage = true");

            browser.forget("localhost"); // The provider's session has ended too.
            dialog(page).waitFor(new Locator.WaitForOptions().setTimeout(50 * SECONDS));
            Browser.screenshot(page, "8-the-uis-own-sign-in-dialog");
            signInThroughTheDialog(page);

            waitForHello(page, frames, 2);
            assertThat(page.evaluate("window.thisVeryPage")).isEqualTo(true);
            Browser.screenshot(page, "10-work-goes-on");
        }
    }

    private static void signInThroughTheDialog(Page page) throws IOException {
        var button =
                page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName("Sign in").setExact(true));
        var tab = page.waitForPopup(button::click);
        Browser.signInAtKeycloak(tab, Realm.Person.ALICE);
        tab.waitForURL(HOME + "**");
        Browser.screenshot(tab, "9-signed-in-in-the-new-tab");
        tab.close();
        // Coming back to the tab is what makes the UI look again; a headless one is never away.
        page.bringToFront();
        page.evaluate("window.dispatchEvent(new Event('focus'))");
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
        dialog(page)
                .waitFor(
                        new Locator.WaitForOptions()
                                .setState(WaitForSelectorState.HIDDEN)
                                .setTimeout(15 * SECONDS));
    }

    private static Locator dialog(Page page) {
        return page.getByRole(
                AriaRole.DIALOG, new Page.GetByRoleOptions().setName("Sign in to continue"));
    }

    @Test
    void personWhoIsNotAllowed_seesHisNameAndAWayToAnotherAccount(RealParts parts)
            throws IOException {
        try (var door = GatewayDoor.start(parts);
                var browser = parts.browser(door)) {
            var page = browser.tab();
            page.navigate(HOME);
            Browser.signInAtKeycloak(page, Realm.Person.MALLORY);
            page.waitForURL(HOME + "**");
            Browser.screenshot(page, "11-not-allowed");

            assertThat(page.locator("body").innerText())
                    .contains("mallory@example.com")
                    .containsIgnoringCase("sign in as somebody else");
            assertThat(page.reload().status()).isEqualTo(403);
        }
    }

    private static void waitForHello(Page page, List<String> frames, int times) {
        page.waitForCondition(
                () -> frames.stream().filter(f -> f.contains("\"hello-ok\"")).count() >= times,
                new Page.WaitForConditionOptions().setTimeout(60 * SECONDS));
    }
}
