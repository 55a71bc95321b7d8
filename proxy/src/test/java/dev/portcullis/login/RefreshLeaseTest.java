package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.identity.Authentication;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** One refresh of a session is under way in the whole fleet. */
class RefreshLeaseTest extends RefreshScene {
    @Test
    void aLeaseHeldElsewhere_isWaitedForAndNothingIsSent() {
        var browser = signedIn();
        var session = stored(browser);
        pass(OVER);
        var held =
                scene.sessions.tryLease(
                        session.reference(), "elsewhere", scene.now, scene.now.plusSeconds(60));
        assertThat(join(held)).isTrue();
        var waiting = authenticator.authenticate(browser.session()).toCompletableFuture();
        var next =
                new Session.Refresh(
                        session.refresh().token(), scene.now.plus(DUE), scene.now.plus(OVER));
        assertThat(
                        join(
                                scene.sessions.replace(
                                        session,
                                        session.refreshed(
                                                session.user(), session.groups(), null, next))))
                .isTrue();
        assertThat(waiting.join()).isInstanceOf(Authentication.Authenticated.class);
        assertThat(scene.standIn.tokenRequests).hasSize(1);
    }

    @Test
    void leasesHeldElsewhere_keepNobodyElseFromBeingRefreshed() {
        var browser = signedIn();
        var others = new ArrayList<SessionSecret>();
        for (int i = 0; i < 16; i++) { // As many refreshes as run at once.
            var secret = SessionSecret.random();
            var other = put(secret, "user-" + i, scene.standIn.issuer().toString());
            var until = scene.now.plus(Duration.ofHours(1));
            assertThat(
                            join(
                                    scene.sessions.tryLease(
                                            other.reference(), "elsewhere", scene.now, until)))
                    .isTrue();
            others.add(secret);
        }
        pass(OVER);
        var waiting =
                others.stream()
                        .map(secret -> authenticator.authenticate(secret.expose()))
                        .map(CompletionStage::toCompletableFuture)
                        .toList();
        while (storedToken(browser).equals("canary-refresh-token-0")
                && waiting.stream().noneMatch(CompletableFuture::isDone)) {
            assertThat(user(browser)).isEqualTo("alice@example.com");
        }
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
    }

    @Test
    void aLeaseThatNobodyLetsGoOf_keepsNobodyWaitingTwice() {
        var browser = signedIn();
        pass(OVER);
        var until = scene.now.plus(Duration.ofMinutes(9));
        var reference = stored(browser).reference();
        assertThat(join(scene.sessions.tryLease(reference, "gone", scene.now, until))).isTrue();
        assertThat(user(browser)).isEqualTo("alice@example.com"); // By the grace, after a wait.
        assertThat(authenticator.authenticate(browser.session())).isCompleted();
        scene.now = until;
        vouchAgain();
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
    }

    @Test
    void tokensThatAreNotStoredYet_keepTheLeaseForAsLongAsTheyAreOfUse() {
        var browser = signedIn();
        var reference = stored(browser).reference();
        theStoreGoesAwayWithTheTokens();
        pass(OVER);
        assertThat(user(browser)).isEqualTo("alice@example.com"); // By the grace.
        for (int i = 0; i < 6; i++) {
            pass(Duration.ofMinutes(9));
            assertThat(isFree(reference)).as("after %d min", 9 * (i + 1)).isFalse();
            assertThat(user(browser)).isEqualTo("alice@example.com");
        }
        scene.storeAway = false;
        pass(Duration.ofMinutes(1));
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
        assertThat(isFree(reference)).isTrue();
    }

    @Test
    void aLeaseThatTheStoreDidNotTakeBack_isNoHindranceToWhoHasIt() {
        var browser = signedIn();
        scene.standIn.tokenStatus = 503;
        theStoreGoesAwayWithTheTokens();
        pass(OVER);
        assertThat(user(browser)).isEqualTo("alice@example.com"); // By the grace.
        scene.storeAway = false;
        scene.standIn.tokenStatus = 200;
        scene.standIn.tokenAnswer = body -> body;
        pass(Duration.ofMinutes(1));
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
    }

    /** Whether somebody else in the fleet could have it. */
    private boolean isFree(String reference) {
        return join(scene.sessions.tryLease(reference, "elsewhere", scene.now, scene.now));
    }
}
