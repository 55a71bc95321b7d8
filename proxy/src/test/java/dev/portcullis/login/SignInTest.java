package dev.portcullis.login;

import static dev.portcullis.login.SignInScene.query;
import static dev.portcullis.login.SignInScene.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.Fields;
import dev.portcullis.http.Method;
import dev.portcullis.identity.Authentication;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.SessionAuthenticator;
import dev.portcullis.session.SessionSecret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignInTest {
    private final SignInScene scene = new SignInScene();

    @AfterEach
    void close() {
        scene.close();
    }

    @Test
    void theProvider_isAskedForACodeWithPkceStateAndNonce() throws Exception {
        var browser = scene.browser();
        var asked = browser.begin("?return=/chat");
        assertThat(asked)
                .containsEntry("response_type", "code")
                .containsEntry("client_id", "portcullis")
                .containsEntry("redirect_uri", "https://claw.example.com/_portcullis/callback")
                .containsEntry("scope", "openid email profile")
                .containsEntry("code_challenge_method", "S256")
                .doesNotContainKey("prompt");
        assertThat(asked.get("state")).hasSize(43);
        assertThat(asked.get("nonce")).hasSize(43).isNotEqualTo(asked.get("state"));

        var answer = browser.comeBack(asked);
        assertThat(answer.status()).isEqualTo(302);
        assertThat(answer.fields().first("location")).isEqualTo("/chat");

        var exchange = scene.standIn.tokenRequests.getFirst();
        assertThat(exchange)
                .containsEntry("grant_type", "authorization_code")
                .containsEntry("code", "c0de")
                .containsEntry("redirect_uri", "https://claw.example.com/_portcullis/callback")
                .doesNotContainKey("client_secret");
        var verifier = exchange.get("code_verifier");
        var hash =
                MessageDigest.getInstance("SHA-256")
                        .digest(verifier.getBytes(StandardCharsets.US_ASCII));
        assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(hash))
                .isEqualTo(asked.get("code_challenge"));
        assertThat(scene.standIn.tokenAuthorizations.getFirst()).startsWith("Basic ");
    }

    @Test
    void aRightAnswer_makesASessionForThatUser() {
        var browser = scene.browser().signIn();
        var session =
                scene.sessions
                        .use(SessionSecret.parse(browser.session()).orElseThrow().key(), scene.now)
                        .toCompletableFuture()
                        .join()
                        .orElseThrow();
        assertThat(session.user().value()).isEqualTo("alice@example.com");
        assertThat(session.groups()).containsExactlyInAnyOrder("sre", "staff");
        assertThat(session.subject()).isEqualTo("subject-1");
        assertThat(session.providerSession()).isEqualTo("provider-session-1");
        assertThat(session.endsAt()).isEqualTo(scene.now.plus(Duration.ofHours(12)));
        assertThat(scene.audit)
                .extracting(AuditEvent::kind, AuditEvent::verdict, AuditEvent::reason)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                AuditEvent.Kind.SIGN_IN,
                                AuditEvent.Verdict.CHALLENGE,
                                Reason.SIGN_IN_STARTED),
                        org.assertj.core.groups.Tuple.tuple(
                                AuditEvent.Kind.SIGN_IN,
                                AuditEvent.Verdict.DONE,
                                Reason.SIGN_IN_DONE));
        assertThat(scene.audit.getLast().user()).isEqualTo("alice@example.com");
        assertThat(scene.audit.getLast().handle()).isEqualTo(session.reference());
        assertThat(
                        new SessionAuthenticator(scene.sessions, () -> scene.now)
                                .authenticate(browser.session()))
                .isCompletedWithValueMatching(Authentication.Authenticated.class::isInstance);
    }

    @ParameterizedTest
    @CsvSource({
        "cors,empty",
        "no-cors,image",
        "same-origin,empty",
        "websocket,empty",
    })
    void whatAScriptFetches_createsNothing(String mode, String destination) {
        var browser = scene.browser();
        for (int i = 0; i < 1000; i++) {
            var answer =
                    browser.send(
                            Method.GET,
                            "/_portcullis/sign-in",
                            "",
                            Fields.of(
                                    "sec-fetch-mode", mode,
                                    "sec-fetch-dest", destination,
                                    "accept", "text/html"));
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.fields().has("set-cookie")).isFalse();
        }
        assertThat(browser.jar).isEmpty();
        assertThat(scene.audit).isEmpty();
    }

    @Test
    void twoTabs_bothFinish() {
        var browser = scene.browser();
        var first = browser.begin("?return=/one");
        var second = browser.begin("?return=/two");
        assertThat(browser.comeBack(first).fields().first("location")).isEqualTo("/one");
        assertThat(browser.comeBack(second).fields().first("location")).isEqualTo("/two");
        assertThat(scene.sessions.sessionCount()).isEqualTo(1);
    }

    @Test
    void theSixthTab_replacesTheFirst() {
        var browser = scene.browser();
        var first = browser.begin("");
        for (int i = 0; i < 5; i++) {
            browser.begin("");
        }
        assertThat(browser.comeBack(first).status()).isEqualTo(400);
        assertThat(scene.lastReason()).isEqualTo(Reason.SIGN_IN_STATE_UNKNOWN);
    }

    @Test
    void anAnswerUsedTwice_failsWithoutASession() {
        var browser = scene.browser();
        var asked = browser.begin("");
        browser.comeBack(asked);
        browser.jar.remove("__Host-portcullis");
        var again = browser.comeBack(asked);
        assertThat(again.status()).isEqualTo(400);
        assertThat(browser.session()).isNull();
        assertThat(scene.standIn.tokenRequests).hasSize(1);
    }

    @Test
    void theBackButtonOfASignedInBrowser_leadsHome() {
        var browser = scene.browser();
        var asked = browser.begin("?return=/chat");
        browser.comeBack(asked);
        var session = browser.session();
        var again = browser.comeBack(asked);
        assertThat(again.status()).isEqualTo(302);
        assertThat(again.fields().first("location")).isEqualTo("/");
        assertThat(browser.session()).isEqualTo(session);
    }

    @Test
    void anAnswerInAnotherBrowser_isRefused() {
        var attacker = scene.browser();
        var asked = attacker.begin("");
        var victim = scene.browser();
        victim.begin("");
        assertThat(victim.comeBack(asked).status()).isEqualTo(400);
        assertThat(scene.browser().comeBack(asked).status()).isEqualTo(400);
        assertThat(victim.session()).isNull();
        assertThat(scene.standIn.tokenRequests).isEmpty();
    }

    @Test
    void anAnswerAfterTenMinutes_isRefused() {
        var browser = scene.browser();
        var asked = browser.begin("");
        scene.now = scene.now.plus(Duration.ofMinutes(10));
        assertThat(browser.comeBack(asked).status()).isEqualTo(400);
        assertThat(scene.lastReason()).isEqualTo(Reason.SIGN_IN_STATE_UNKNOWN);
    }

    @Test
    void aPlantedSessionId_neverSurvives() {
        var planted = SessionSecret.random().expose();
        var browser = scene.browser();
        browser.jar.put("__Host-portcullis", planted);
        var asked = browser.begin("");
        assertThat(browser.session()).as("cleared at the sign-in page").isNull();
        browser.jar.put("__Host-portcullis", planted);
        browser.comeBack(asked);
        assertThat(browser.session()).isNotNull().isNotEqualTo(planted);
    }

    @Test
    void theOldSessionOfABrowser_endsWithItsSocketsWhenItSignsInAgain() {
        var browser = scene.browser().signIn();
        var old = browser.session();
        var principal =
                scene.sessions
                        .use(SessionSecret.parse(old).orElseThrow().key(), scene.now)
                        .toCompletableFuture()
                        .join()
                        .orElseThrow()
                        .principal();
        List<Reason> closed = new ArrayList<>();
        scene.connections.register(principal, closed::add);
        var asked = browser.begin("");
        assertThat(closed).as("still working while signing in").isEmpty();
        browser.comeBack(asked);
        assertThat(closed).containsExactly(Reason.SESSION_ENDED);
        assertThat(browser.session()).isNotEqualTo(old);
        assertThat(
                        new SessionAuthenticator(scene.sessions, () -> scene.now)
                                .authenticate(old)
                                .toCompletableFuture()
                                .join())
                .isEqualTo(new Authentication.Rejected(Reason.SESSION_UNKNOWN));
        assertThat(scene.connections.count(new LiveConnections.Key.Handle("none"))).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "state=a&state=b&code=c",
                "code=a&code=b",
                "iss=a&iss=b&code=c",
                "%63ode=a&code=b",
                "code=%zz",
            })
    void aParameterTwiceOrBroken_is400(String query) {
        var answer = scene.browser().get("/_portcullis/callback?" + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(scene.lastReason()).isEqualTo(Reason.SIGN_IN_RESPONSE_INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?", "?code=c0de", "?state=&code=c0de", "?state=x&code=c0de"})
    void anAnswerWithoutOurState_is400(String query) {
        var browser = scene.browser();
        browser.begin("");
        assertThat(browser.get("/_portcullis/callback" + query).status()).isEqualTo(400);
        assertThat(browser.session()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example", "HTTP://127.0.0.1/realm", ""})
    void anAnswerOfAnotherOrNoIssuer_isRefused(String issuer) {
        var browser = scene.browser();
        var asked = browser.begin("");
        var answer =
                browser.get(
                        scene.callback(
                                Map.of(
                                        "code",
                                        "c0de",
                                        "state",
                                        asked.get("state"),
                                        "iss",
                                        issuer)));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(scene.lastReason()).isEqualTo(Reason.SIGN_IN_RESPONSE_INVALID);
        assertThat(scene.standIn.tokenRequests).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "access_denied,403,SIGN_IN_REFUSED_BY_PROVIDER",
        "login_required,403,SIGN_IN_REFUSED_BY_PROVIDER",
        "server_error,503,PROVIDER_UNAVAILABLE",
        "temporarily_unavailable,503,PROVIDER_UNAVAILABLE",
        "invalid_scope,502,SIGN_IN_REFUSED_BY_PROVIDER",
        "<script>alert(1)</script>,502,SIGN_IN_REFUSED_BY_PROVIDER",
    })
    void anErrorOfTheProvider_isAPageThatEchoesNothing(String error, int status, Reason reason) {
        var browser = scene.browser();
        var asked = browser.begin("");
        var answer =
                browser.get(
                        scene.callback(
                                Map.of(
                                        "error",
                                        error,
                                        "error_description",
                                        "<b>canary</b>",
                                        "state",
                                        asked.get("state"))));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(scene.lastReason()).isEqualTo(reason);
        assertThat(text(answer)).doesNotContain("canary", "alert(1)", "invalid_scope");
        assertThat(browser.session()).isNull();
    }

    @Test
    void errorAndCodeAtOnce_isRefused() {
        var browser = scene.browser();
        var asked = browser.begin("");
        var answer =
                browser.get(
                        scene.callback(
                                Map.of(
                                        "error", "access_denied",
                                        "code", "c0de",
                                        "state", asked.get("state"))));
        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void aHiddenFrame_asksSilentlyAndNeverShowsTheProvider() {
        var browser = scene.browser();
        var frame = new String[] {"sec-fetch-mode", "navigate", "sec-fetch-dest", "iframe"};
        var out =
                browser.send(Method.GET, "/_portcullis/sign-in?prompt=login", "", Fields.of(frame));
        var asked = query(out);
        assertThat(asked).containsEntry("prompt", "none");
        var back =
                browser.send(
                        Method.GET,
                        scene.callback(
                                Map.of("error", "login_required", "state", asked.get("state"))),
                        "",
                        Fields.of(frame));
        assertThat(back.status()).isEqualTo(401);
        assertThat(back.fields().has("location")).isFalse();
        assertThat(back.fields().first("content-security-policy"))
                .contains("frame-ancestors 'self'");
        assertThat(back.body().length()).isLessThan(6_000);
    }

    @Test
    void aHiddenFrameThatSucceeds_goesOn() {
        var browser = scene.browser();
        var out =
                browser.send(
                        Method.GET,
                        "/_portcullis/sign-in?return=%2Fcontrol-ui-config.json",
                        "",
                        Fields.of("sec-fetch-mode", "navigate", "sec-fetch-dest", "iframe"));
        var back = browser.comeBack(query(out));
        assertThat(back.fields().first("location")).isEqualTo("/control-ui-config.json");
    }

    @Test
    void withoutAnAuditRecord_nobodySignsIn() {
        var browser = scene.browser();
        var asked = browser.begin("");
        scene.audited = false;
        assertThat(browser.get("/_portcullis/sign-in").status()).isEqualTo(503);
        assertThat(browser.comeBack(asked).status()).isEqualTo(503);
        assertThat(browser.session()).isNull();
        assertThat(scene.sessions.sessionCount()).isZero();
    }

    @Test
    void whenSessionsAreFull_newcomersHearSoAndNobodyIsSignedOut() {
        for (int i = 0; i < SignInScene.SESSIONS_MAX; i++) {
            scene.browser().signIn();
        }
        var late = scene.browser();
        var answer = late.comeBack(late.begin(""));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(late.session()).isNull();
        assertThat(scene.sessions.sessionCount()).isEqualTo(SignInScene.SESSIONS_MAX);
    }

    @Test
    void anotherAccount_isAskedFor() {
        assertThat(scene.browser().begin("?prompt=select_account"))
                .containsEntry("prompt", "select_account");
        assertThat(scene.browser().begin("?prompt=none")).doesNotContainKey("prompt");
    }

    @Test
    void noSecret_everReachesAnAnswer() {
        var browser = scene.browser();
        var pages = new StringBuilder();
        pages.append(text(browser.get("/_portcullis/sign-in")));
        browser.signIn();
        pages.append(text(browser.get("/_portcullis/me")));
        pages.append(text(browser.get("/_portcullis/sign-out")));
        assertThat(pages.toString()).doesNotContain("canary", browser.session());
    }
}
