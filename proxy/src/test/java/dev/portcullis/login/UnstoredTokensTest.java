package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Authentication;
import dev.portcullis.testing.Await;
import dev.portcullis.testing.CapturedLogs;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** New tokens outlast a store that is away, a stop, and a provider that is replaced. */
class UnstoredTokensTest extends RefreshScene {
    @Test
    void aStoreThatIsAwayWhenTheTokensCome_getsThemWhenItIsBack() throws Exception {
        var browser = signedIn();
        theStoreGoesAwayWithTheTokens();
        pass(OVER);
        assertThat(user(browser)).isEqualTo("alice@example.com"); // By the grace.
        for (int i = 0; i < 5; i++) {
            pass(Duration.ofMinutes(1));
            assertThat(user(browser)).isEqualTo("alice@example.com");
        }
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-0");
        scene.storeAway = false;
        pass(Duration.ofMinutes(1));
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
        assertThat(refreshes()).containsExactly("canary-refresh-token-0");
        scene.standIn.tokenAnswer = body -> body;
        pass(OVER); // And the lease is free again.
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-2");
    }

    @Test
    void aStoreThatGoesAwayBetweenTokensAndClaims_getsTheClaimsWhenItIsBack() throws Exception {
        var browser = signedIn();
        pass(OVER);
        scene.standIn.claims.put("groups", List.of("staff"));
        scene.replacesUntilStoreAway.set(1);
        var _ = ask(browser);
        scene.storeAway = false;
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
        assertThat(stored(browser).groups()).hasSize(2);
        scene.now = scene.now.plusSeconds(5);
        scene.refresher.round();
        var done = "portcullis_session_refreshes_total{outcome=\"done\"} 1.0";
        for (int i = 0; i < 1000 && !scene.meters.scrape().contains(done); i++) {
            Thread.sleep(10);
        }
        assertThat(stored(browser).groups()).containsExactly("staff");
        assertThat(closed).hasSize(1);
        assertThat(refreshes()).hasSize(1);
    }

    @Test
    void aStoreThatIsBackAfterTheGrace_isNoReasonToGoOn() {
        var browser = signedIn();
        theStoreGoesAwayWithTheTokens();
        pass(OVER);
        for (int i = 0; i < 6; i++) {
            assertThat(user(browser)).isEqualTo("alice@example.com");
            pass(Duration.ofMinutes(9));
        }
        assertThat(user(browser)).isEqualTo("alice@example.com");
        scene.storeAway = false;
        scene.standIn.refreshToken = "used-up-0";
        scene.standIn.tokenAnswer = body -> body;
        pass(Duration.ofMinutes(7));
        assertThat(ask(browser)).isInstanceOf(Authentication.Rejected.class);
        assertThat(closed).containsExactly(Reason.REFRESH_REFUSED);
    }

    @Test
    void aStop_offersTheStoreOnceMoreWhatItDidNotTake() {
        var browser = signedIn();
        theStoreGoesAwayWithTheTokens();
        pass(OVER);
        assertThat(user(browser)).isEqualTo("alice@example.com");
        scene.storeAway = false;
        scene.refresher.close();
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
    }

    @Test
    void aStop_letsTheRefreshUnderWayEnd() throws Exception {
        refreshUnderWay_endsDespite(() -> {
            scene.refresher.close();
            scene.provider.retire();
        });
    }

    @Test
    void aSecondStop_givesUpTheRefreshUnderWayAndSaysSo() throws Exception {
        var browser = signedIn();
        var asked = new CountDownLatch(1);
        var never = new CountDownLatch(1);
        scene.standIn.tokenAnswer =
                body -> {
                    asked.countDown();
                    await(never);
                    return body;
                };
        pass(OVER);
        try (var logs = CapturedLogs.start()) {
            var pending = authenticator.authenticate(browser.session());
            asked.await();
            var stopping = Thread.ofVirtual().start(scene.refresher::close);
            untilItWaits(stopping);
            scene.refresher.hurry();
            stopping.join();
            assertThat(join(pending)).isInstanceOf(Authentication.Authenticated.class);
            assertThat(logs.lines())
                    .anyMatch(line ->
                            line.contains("refresh put off: the session goes on for now")
                                    && line.contains("interrupted"));
        } finally {
            never.countDown();
        }
    }

    @Test
    void aProviderThatIsReplaced_answersWhatItWasAsked() throws Exception {
        refreshUnderWay_endsDespite(scene.provider::retire);
    }

    private void refreshUnderWay_endsDespite(Runnable ending) throws Exception {
        var browser = signedIn();
        var asked = new CountDownLatch(1);
        var answered = new CountDownLatch(1);
        scene.standIn.tokenAnswer =
                body -> {
                    asked.countDown();
                    await(answered);
                    return body;
                };
        pass(OVER);
        var pending = authenticator.authenticate(browser.session());
        asked.await();
        var stopping = Thread.ofVirtual().start(ending);
        untilItWaits(stopping);
        answered.countDown();
        assertThat(join(pending)).isInstanceOf(Authentication.Authenticated.class);
        stopping.join();
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
    }

    private static void untilItWaits(Thread thread) {
        Await.until(
                "a thread that waits",
                () -> !thread.isAlive() || thread.getState() == Thread.State.TIMED_WAITING);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
