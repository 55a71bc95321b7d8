package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.Secret;
import dev.portcullis.identity.Authentication;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionAuthenticator;
import dev.portcullis.session.SessionSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the provider says about a person after the sign-in counts, and only that. */
class RefreshTest {
    // The stand-in's access tokens are good for 300 s: asked again after 240 s.
    private static final Duration DUE = Duration.ofMinutes(4);
    private static final Duration OVER = Duration.ofMinutes(5);

    private final SignInScene scene = new SignInScene();
    private final SessionAuthenticator authenticator =
            new SessionAuthenticator(scene.sessions, scene.refresher, () -> scene.now);
    private final List<Reason> closed = new ArrayList<>();

    @AfterEach
    void close() {
        scene.close();
    }

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
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-1");
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
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-1");
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
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-1");
    }

    @Test
    void aProviderThatRotatesNothing_isAskedWithTheSameTokenAgain() {
        var browser = signedIn();
        pass(OVER);
        scene.standIn.tokenAnswer = body -> without(body, "refresh_token");
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-0");
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
        while (stored(browser).refresh().token().expose().equals("canary-refresh-token-0")
                && waiting.stream().noneMatch(CompletableFuture::isDone)) {
            assertThat(user(browser)).isEqualTo("alice@example.com");
        }
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
    }

    @Test
    void aStoreThatIsAwayWhenTheTokensCome_getsThemWhenItIsBack() throws Exception {
        var browser = signedIn();
        scene.standIn.tokenAnswer =
                body -> {
                    scene.storeAway = true;
                    return body;
                };
        pass(OVER);
        assertThat(user(browser)).isEqualTo("alice@example.com"); // By the grace.
        for (int i = 0; i < 5; i++) {
            pass(Duration.ofMinutes(1));
            assertThat(user(browser)).isEqualTo("alice@example.com");
        }
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-0");
        scene.storeAway = false;
        pass(Duration.ofMinutes(1));
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-1");
        assertThat(refreshes()).containsExactly("canary-refresh-token-0");
        scene.standIn.tokenAnswer = body -> body;
        pass(OVER); // And the lease is free again.
        assertThat(user(browser)).isEqualTo("alice@example.com");
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-2");
    }

    @Test
    void aStoreThatGoesAwayBetweenTokensAndClaims_getsTheClaimsWhenItIsBack() throws Exception {
        var browser = signedIn();
        pass(OVER);
        scene.standIn.claims.put("groups", List.of("staff"));
        scene.replacesUntilStoreAway.set(1);
        var _ = ask(browser);
        scene.storeAway = false;
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-1");
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
        scene.standIn.tokenAnswer =
                body -> {
                    scene.storeAway = true;
                    return body;
                };
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
        scene.standIn.tokenAnswer =
                body -> {
                    scene.storeAway = true;
                    return body;
                };
        pass(OVER);
        assertThat(user(browser)).isEqualTo("alice@example.com");
        scene.storeAway = false;
        scene.refresher.close();
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-1");
    }

    @Test
    void aStop_letsTheRefreshUnderWayEnd() throws Exception {
        refreshUnderWay_endsDespite(() -> {
            scene.refresher.close();
            scene.provider.retire();
        });
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
        assertThat(stored(browser).refresh().token().expose()).isEqualTo("canary-refresh-token-1");
    }

    @Test
    void aSessionOfAFormerIssuer_isNobodyAndEnds() {
        var secret = SessionSecret.random();
        put(secret, "bob@example.com", "https://former.example.com");
        assertThat(join(authenticator.authenticate(secret.expose())))
                .isEqualTo(new Authentication.Rejected(Reason.SESSION_UNKNOWN));
        assertThat(scene.sessions.sessionCount()).isZero();
        assertThat(scene.lastReason()).isEqualTo(Reason.ACCESS_CHANGED);
    }

    @Test
    void sessionsOfAFormerIssuer_endAtTheStart() {
        sessionOf("bob@example.com", "https://former.example.com");
        var browser = signedIn();
        try (var timer = Executors.newSingleThreadScheduledExecutor()) {
            scene.refresher.start(timer);
            timer.shutdownNow();
        }
        assertThat(scene.sessions.sessionCount()).isEqualTo(1);
        assertThat(user(browser)).isEqualTo("alice@example.com");
    }

    @Test
    void sessionsOfAFormerIssuer_endOnceTheStoreAnswers() {
        sessionOf("bob@example.com", "https://former.example.com");
        scene.storeAway = true;
        try (var timer = Executors.newSingleThreadScheduledExecutor()) {
            scene.refresher.start(timer);
            timer.shutdownNow();
        }
        scene.refresher.round();
        assertThat(scene.sessions.sessionCount()).isEqualTo(1);
        scene.storeAway = false;
        scene.refresher.round();
        assertThat(scene.sessions.sessionCount()).isZero();
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

    // The scene.

    /** One that is due. */
    private Session sessionOf(String user, String issuer) {
        return put(SessionSecret.random(), user, issuer);
    }

    private Session put(SessionSecret secret, String user, String issuer) {
        var session =
                new Session(
                                SessionSecret.reference(secret.key()),
                                new UserName(user),
                                Set.of(),
                                issuer,
                                user,
                                null,
                                null,
                                scene.now,
                                scene.now.plus(Duration.ofHours(12)),
                                Duration.ofMinutes(30))
                        .with(
                                null,
                                new Session.Refresh(
                                        new Secret("other"), scene.now, scene.now.plus(OVER)));
        assertThat(join(scene.sessions.put(secret.key(), session))).isTrue();
        return session;
    }

    private static void untilItWaits(Thread thread) {
        while (thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private SignInScene.Browser signedIn() {
        var browser = scene.browser().signIn();
        var _ = scene.connections.register(stored(browser).principal(), closed::add);
        return browser;
    }

    private void pass(Duration time) {
        scene.now = scene.now.plus(time);
        vouchAgain();
    }

    /** The same as at the sign-in, as of now; with the nonce of then, as some providers do. */
    private void vouchAgain() {
        scene.standIn.claims.put("iat", scene.now.getEpochSecond());
        scene.standIn.claims.put("exp", scene.now.getEpochSecond() + 300);
    }

    private Authentication ask(SignInScene.Browser browser) {
        return join(authenticator.authenticate(browser.session()));
    }

    private String user(SignInScene.Browser browser) {
        return ((Authentication.Authenticated) ask(browser)).principal().user().value();
    }

    private Session stored(SignInScene.Browser browser) {
        var reference =
                SessionSecret.reference(SessionSecret.parse(browser.session()).orElseThrow().key());
        return join(scene.sessions.find(reference, scene.now)).orElseThrow();
    }

    /** Joins the refresh under way, if there is one. */
    private void settle(SignInScene.Browser browser) {
        var now = scene.now;
        scene.now = stored(browser).refresh().accessEndsAt();
        ask(browser);
        scene.now = now;
    }

    private List<String> refreshes() {
        return scene.standIn.tokenRequests.stream()
                .filter(form -> "refresh_token".equals(form.get("grant_type")))
                .map(form -> form.get("refresh_token"))
                .toList();
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

    private static <T> T join(CompletionStage<T> stage) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        return future.join();
    }
}
