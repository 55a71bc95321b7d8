package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Authentication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the provider says about a person after the sign-in counts, and only that. */
class RefreshTest extends RefreshScene {
    @Test
    void beforeItIsTime_nobodyIsAsked() {
        var browser = signedIn();
        pass(DUE.minusSeconds(1));
        scene.refresher.round();
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(scene.standIn.tokenRequests).hasSize(1);
    }

    @Test
    void aHundredRequestsAtOnce_askOnceAndAllPass() {
        var browser = signedIn();
        pass(OVER);
        var pending = new ArrayList<CompletionStage<Authentication>>();
        for (int i = 0; i < 100; i++) {
            pending.add(authenticator.authenticate(browser.session()));
        }
        assertThat(pending).allMatch(one -> join(one) instanceof Authentication.Authenticated);
        assertThat(refreshes()).containsExactly("canary-refresh-token-0");
        assertThat(scene.meters.scrape())
                .contains("portcullis_session_refreshes_total{outcome=\"done\"} 1.0")
                .contains("portcullis_sign_ins_total{outcome=\"done\"} 1.0");
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
    }

    @Test
    void aSessionThatNobodyUses_isAskedAboutAllTheSame() throws Exception {
        var browser = signedIn();
        for (int i = 0; i < 3; i++) {
            pass(DUE);
            scene.refresher.round();
            settle(browser);
        }
        assertThat(refreshes())
                .containsExactly(
                        "canary-refresh-token-0",
                        "canary-refresh-token-1",
                        "canary-refresh-token-2");
    }

    @Test
    void aRefreshThatIsDueButNotOverdue_keepsNobodyWaiting() {
        var browser = signedIn();
        pass(DUE);
        assertThat(authenticator.authenticate(browser.session())).isCompleted();
    }

    @Test
    void whoeverTheProviderRefuses_isOutWithTheirSockets() {
        var browser = signedIn();
        scene.standIn.refreshToken = "taken-back-0";
        pass(OVER);
        assertThat(join(authenticator.authenticate(browser.session())))
                .isEqualTo(new Authentication.Rejected(Reason.SESSION_UNKNOWN));
        assertThat(closed).containsExactly(Reason.REFRESH_REFUSED);
        assertThat(scene.sessions.sessionCount()).isZero();
        assertThat(scene.lastReason()).isEqualTo(Reason.REFRESH_REFUSED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    500 | {}
                    429 | {}
                    503 | <html>
                    400 | {"error":"invalid_client"}
                    401 | {"error":"invalid_client"}
                    400 | {"error":"temporarily_unavailable"}
                    302 | {}
                    404 | <html>
                    """)
    void trouble_keepsTheSessionForAnHourAndAsksLessAndLessOften(int status, String body) {
        var browser = signedIn();
        scene.standIn.tokenStatus = status;
        scene.standIn.tokenAnswer = _ -> body;
        pass(OVER);
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(user(browser)).isEqualTo("alice@example.com"); // Waits for its next try.
        assertThat(scene.standIn.tokenRequests).hasSize(2);
        for (int i = 0; i < 6; i++) { // Used now and then, or it would be idle.
            pass(Duration.ofMinutes(9));
            assertThat(user(browser)).isEqualTo("alice@example.com");
        }
        pass(Duration.ofMinutes(7));
        assertThat(join(authenticator.authenticate(browser.session())))
                .isInstanceOf(Authentication.Rejected.class);
        assertThat(closed).containsExactly(Reason.PROVIDER_UNAVAILABLE);
    }

    @Test
    void troubleInARow_isWaitedForLongerEachTime() {
        var browser = signedIn();
        scene.standIn.tokenStatus = 503;
        pass(OVER);
        assertThat(user(browser)).isEqualTo("alice@example.com");
        pass(Duration.ofSeconds(5));
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(refreshes()).hasSize(2);
        pass(Duration.ofSeconds(5));
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(refreshes()).hasSize(2); // Ten seconds, the second time.
        pass(Duration.ofSeconds(5));
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(refreshes()).hasSize(3);
    }

    @Test
    void afterTrouble_theNextTryGoesOn() {
        var browser = signedIn();
        scene.standIn.tokenStatus = 503;
        pass(OVER);
        assertThat(user(browser)).isEqualTo("alice@example.com");
        scene.standIn.tokenStatus = 200;
        pass(Duration.ofSeconds(5));
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
    }

    @Test
    void changedGroups_countAtOnceAndOpenSocketsAreJudgedAgain() {
        var browser = signedIn();
        pass(OVER);
        scene.standIn.claims.put("groups", List.of("staff"));
        vouchAgain();
        var principal = ((Authentication.Authenticated) ask(browser)).principal();
        assertThat(principal.groups()).containsExactly("staff");
        assertThat(closed).hasSize(1);
    }

    @Test
    void unchangedClaims_leaveSocketsAlone() {
        var browser = signedIn();
        pass(OVER);
        vouchAgain();
        assertThat(ask(browser)).isInstanceOf(Authentication.Authenticated.class);
        assertThat(closed).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    sub            | subject-2
                    iss            | https://evil.example
                    aud            | other
                    azp            | other
                    nonce          | another
                    at_hash        | AAAA
                    email_verified | no
                    email          | a@b@c
                    """)
    void aTokenThatSpeaksOfAnother_endsTheSession(String claim, String value) {
        var browser = signedIn();
        pass(OVER);
        vouchAgain();
        scene.standIn.claims.put(claim, value);
        assertThat(ask(browser)).isInstanceOf(Authentication.Rejected.class);
        assertThat(closed).containsExactly(Reason.REFRESH_REFUSED);
    }

    @Test
    void aRefreshWithoutAnIdToken_leavesThePersonAsTheyWere() {
        var browser = signedIn();
        pass(OVER);
        scene.standIn.tokenAnswer = body -> without(body, "id_token");
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-1");
    }

    @Test
    void aProviderThatRotatesNothing_isAskedWithTheSameTokenAgain() {
        var browser = signedIn();
        pass(OVER);
        scene.standIn.tokenAnswer = body -> without(body, "refresh_token");
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(storedToken(browser)).isEqualTo("canary-refresh-token-0");
    }

    @Test
    void withoutARefreshToken_theSessionSimplyLives() {
        scene.standIn.tokenAnswer = body -> without(body, "refresh_token");
        var browser = signedIn();
        pass(Duration.ofMinutes(29));
        scene.refresher.round();
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(scene.standIn.tokenRequests).hasSize(1);
    }

    @Test
    void aRefreshTokenThatEndsFirst_isUsedBefore() {
        scene.standIn.tokenAnswer =
                body ->
                        body.replace(
                                "\"expires_in\":300",
                                "\"expires_in\":300,\"refresh_expires_in\":60");
        var browser = signedIn();
        assertThat(stored(browser).refresh().at()).isEqualTo(scene.now.plusSeconds(48));
    }

    @Test
    void signingOut_givesTheRefreshTokenBack() throws Exception {
        scene.standIn.offerEverything();
        try (var offering = new SignInScene(scene.standIn, config -> config)) {
            var browser = offering.browser();
            offering.provider.reached();
            var asked = browser.begin("");
            var pushed = scene.standIn.pushed.isEmpty() ? asked : scene.standIn.pushed.getLast();
            assertThat(browser.comeBack(pushed).status()).isEqualTo(302);
            var answer =
                    browser.post("/_portcullis/sign-out", "", "origin", "https://claw.example.com");
            assertThat(answer.status()).isEqualTo(303);
            assertThat(scene.standIn.givenBack())
                    .containsEntry("token", "canary-refresh-token-0")
                    .containsEntry("token_type_hint", "refresh_token");
        }
    }

    /** Joins the refresh under way, if there is one. */
    private void settle(SignInScene.Browser browser) {
        var now = scene.now;
        scene.now = stored(browser).refresh().accessEndsAt();
        ask(browser);
        scene.now = now;
    }

    private static String without(String body, String name) {
        try {
            var content = JSONObjectUtils.parse(body);
            content.remove(name);
            return JSONObjectUtils.toJSONString(content);
        } catch (java.text.ParseException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
