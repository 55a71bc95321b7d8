package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Whoever takes a person's session away, the Control UI in front of that person ends at its own
 * sign-in dialog, and after a new sign-in the same page works on.
 */
@ExtendWith(RealParts.Provided.class)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = RealParts.GATEWAY, mode = ResourceAccessMode.READ)
class ControlUiLosesItsIdentityTest {
    private static final String HOME = "https://" + TestCertificates.DOOR + "/";
    private static final double SECONDS = 1_000;

    /** Takes the session away, and what makes a new sign-in possible again. */
    @FunctionalInterface
    private interface Taking {
        void take() throws IOException;

        default void allowAgain() throws IOException {}
    }

    @Test
    void backChannelLogout_leadsToTheDialogAndBack(RealParts parts) throws IOException {
        var admin = new KeycloakAdmin(parts);
        try (var door = GatewayDoor.start(parts)) {
            parts.names().mean(door);
            lost(parts, door, "back-channel", () -> admin.signOut(Realm.Person.CAROL));
            assertThat(door.audit())
                    .anyMatch(line -> line.contains("\"reason\":\"back-channel-logout\""));
        }
    }

    @Test
    void disabledAccount_leadsToTheDialogAndBack(RealParts parts) throws IOException {
        var admin = new KeycloakAdmin(parts);
        try (var door = GatewayDoor.start(parts)) {
            lost(
                    parts,
                    door,
                    "disabled",
                    new Taking() {
                        @Override
                        public void take() throws IOException {
                            admin.enable(Realm.Person.CAROL, false);
                        }

                        @Override
                        public void allowAgain() throws IOException {
                            admin.enable(Realm.Person.CAROL, true);
                        }
                    });
            assertThat(door.audit())
                    .anyMatch(line -> line.contains("\"reason\":\"refresh-refused\""));
        } finally {
            admin.enable(Realm.Person.CAROL, true);
        }
    }

    @Test
    void killedSession_leadsToTheDialogAndBack(RealParts parts) throws IOException {
        try (var door = GatewayDoor.start(parts)) {
            lost(
                    parts,
                    door,
                    "killed",
                    () -> door.command("sessions", "kill", "--user", Realm.Person.CAROL.user()));
            assertThat(door.audit())
                    .anyMatch(line -> line.contains("\"reason\":\"session-killed\""));
        }
    }

    @Test
    void editedAllowList_leadsToTheDialogAndBack(RealParts parts) throws IOException {
        try (var door = GatewayDoor.start(parts)) {
            var before = Files.readString(door.file());
            lost(
                    parts,
                    door,
                    "allow-list",
                    new Taking() {
                        @Override
                        public void take() throws IOException {
                            Files.writeString(
                                    door.file(),
                                    before.replace("[" + Realm.Person.CAROL.user() + ",", "["));
                            door.command("reload");
                        }

                        @Override
                        public void allowAgain() throws IOException {
                            Files.writeString(door.file(), before);
                            door.command("reload");
                        }
                    });
        }
    }

    private static void lost(RealParts parts, Sidecar door, String name, Taking taking)
            throws IOException {
        try (var browser = parts.browser(door)) {
            var page = browser.tab();
            var frames = Browser.socketFrames(page);
            page.navigate(HOME);
            Browser.signInAtKeycloak(page, Realm.Person.CAROL);
            waitForHello(page, frames, 1);
            page.evaluate("window.thisVeryPage = true");

            // Else the provider would let the same person in again at once, and nobody would see.
            browser.forget("localhost");
            taking.take();

            dialog(page).waitFor(new Locator.WaitForOptions().setTimeout(60 * SECONDS));
            Browser.screenshot(page, name + "-1-dialog");
            taking.allowAgain();
            signInThroughTheDialog(page, name);
            waitForHello(page, frames, 2);
            assertThat(page.evaluate("window.thisVeryPage")).isEqualTo(true);
            page.waitForTimeout(SECONDS); // For the picture.
            Browser.screenshot(page, name + "-3-work-goes-on");
        }
    }

    private static void signInThroughTheDialog(Page page, String name) throws IOException {
        var button =
                page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName("Sign in").setExact(true));
        var tab = page.waitForPopup(button::click);
        tab.waitForLoadState();
        if (tab.locator("#username").isVisible()) {
            Browser.signInAtKeycloak(tab, Realm.Person.CAROL);
        }
        tab.waitForURL(HOME + "**");
        Browser.screenshot(tab, name + "-2-signed-in-in-the-new-tab");
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

    private static void waitForHello(Page page, List<String> frames, int times) {
        page.waitForCondition(
                () -> frames.stream().filter(f -> f.contains("\"hello-ok\"")).count() >= times,
                new Page.WaitForConditionOptions().setTimeout(60 * SECONDS));
    }
}
