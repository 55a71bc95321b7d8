package dev.portcullis.login;

import static dev.portcullis.login.SignInScene.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.Fields;
import dev.portcullis.http.Method;
import dev.portcullis.session.SessionSecret;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnRoutesTest {
    private final SignInScene scene = new SignInScene();

    @AfterEach
    void close() {
        scene.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/_portcullis,true",
        "/_portcullis/,true",
        "/_portcullis/sign-in,true",
        "/_portcullis/anything/below,true",
        "/.well-known/oauth-protected-resource,true",
        "/.well-known/oauth-protected-resource/x,true",
        "/,false",
        "/_portcullisx,false",
        "/x/_portcullis/sign-in,false",
        "/.well-known/oauth-protected-resource2,false",
    })
    void whatIsOurs_isDecidedByThePathAlone(String path, boolean ours) {
        assertThat(OwnRoutes.owns(path)).isEqualTo(ours);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/_portcullis/",
                "/_portcullis/sign-in/",
                "/_portcullis/SIGN-IN",
                "/_portcullis/step-up",
                "/_portcullis/metrics",
                "/.well-known/oauth-protected-resource",
            })
    void whatIsNotThere_is404(String path) {
        assertThat(scene.browser().get(path).status()).isEqualTo(404);
        assertThat(scene.browser().post(path, "").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/_portcullis/sign-in,GET",
        "HEAD,/_portcullis/sign-in,GET",
        "POST,/_portcullis/callback,GET",
        "HEAD,/_portcullis/callback,GET",
        "PUT,/_portcullis/sign-out,'GET, POST'",
        "DELETE,/_portcullis/me,GET",
    })
    void theWrongMethod_is405WithTheRightOnes(Method method, String path, String allow) {
        var answer = scene.browser().send(method, path, "", SignInScene.navigation());
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.fields().first("allow")).isEqualTo(allow);
        assertThat(scene.audit).isEmpty();
    }

    @Test
    void aSlowProvider_holdsUpNobodyWhoWantsToLeave() {
        var browser = scene.browser().signIn();
        var answered = new CountDownLatch(1);
        try {
            takeAllThatWaitForTheProvider(answered);
            assertThat(scene.browser().get("/_portcullis/sign-in").status()).isEqualTo(503);
            assertThat(browser.get("/_portcullis/me").status()).isEqualTo(200);
            var left =
                    browser.post("/_portcullis/sign-out", "", "origin", "https://claw.example.com");
            assertThat(left.status()).isEqualTo(303);
            assertThat(scene.sessions.sessionCount()).isZero();
        } finally {
            answered.countDown();
        }
    }

    @Test
    void aSlowProvider_keepsItsOwnLogoutsOutOfNoPlace() {
        var answered = new CountDownLatch(1);
        try {
            takeAllThatWaitForTheProvider(answered);
            assertThat(scene.browser().get("/_portcullis/sign-in").status()).isEqualTo(503);
            var told =
                    scene.browser()
                            .post(
                                    "/_portcullis/back-channel-logout",
                                    "logout_token=x",
                                    "content-type",
                                    "application/x-www-form-urlencoded");
            assertThat(told.status()).isEqualTo(400); // Looked at, and no token.
        } finally {
            answered.countDown();
        }
    }

    private void takeAllThatWaitForTheProvider(CountDownLatch answered) {
        for (int i = 0; i < 8; i++) { // As many as wait for the provider at once here.
            var _ =
                    scene.waiting
                            .forProvider()
                            .call(() -> {
                                answered.await();
                                return true;
                            });
        }
    }

    @Test
    void bodies_areTakenBySignOutAlone() {
        assertThat(OwnRoutes.bodyBytesMax("/_portcullis/sign-out")).isEqualTo(1024);
        assertThat(OwnRoutes.bodyBytesMax("/_portcullis/sign-in")).isZero();
        assertThat(OwnRoutes.bodyBytesMax("/_portcullis/callback")).isZero();
    }

    @Test
    void me_isJsonForProgramsAndAPageForPeople() {
        var browser = scene.browser().signIn();
        var json =
                browser.send(
                        Method.GET, "/_portcullis/me", "", Fields.of("accept", "application/json"));
        assertThat(json.body().asUtf8())
                .isEqualTo(
                        "{\"user\":\"alice@example.com\",\"groups\":[\"sre\",\"staff\"],\"issuer\":\""
                                + scene.standIn.issuer()
                                + "\",\"since\":\"2026-11-22T08:00:00Z\","
                                + "\"ends\":\"2026-11-22T20:00:00Z\",\"idleSeconds\":1800}\n");
        var page = browser.get("/_portcullis/me");
        assertThat(page.body().asUtf8())
                .contains("alice@example.com", "22 November 2026, 08:00 UTC", "30 minutes");
    }

    @Test
    void meWithoutASession_is401ForProgramsAndSignInForPeople() {
        var browser = scene.browser();
        assertThat(browser.send(Method.GET, "/_portcullis/me", "", Fields.NONE).status())
                .isEqualTo(401);
        assertThat(browser.get("/_portcullis/me").fields().first("location"))
                .isEqualTo("/_portcullis/sign-in?return=%2F_portcullis%2Fme");
    }

    @Test
    void signingOut_asksFirst() {
        var browser = scene.browser().signIn();
        var session = browser.session();
        var page = browser.get("/_portcullis/sign-out");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body().asUtf8()).contains("alice@example.com", "<form method=\"post\"");
        assertThat(browser.session()).isEqualTo(session);
        assertThat(scene.sessions.sessionCount()).isEqualTo(1);
    }

    @Test
    void signingOut_endsSessionSocketsAndTheProvidersSession() {
        var browser = scene.browser().signIn();
        var old = String.valueOf(browser.session());
        List<Reason> closed = new ArrayList<>();
        scene.connections.register(
                scene.sessions
                        .use(SessionSecret.parse(old).orElseThrow().key(), scene.now)
                        .toCompletableFuture()
                        .join()
                        .orElseThrow()
                        .principal(),
                closed::add);
        var answer =
                browser.post(
                        "/_portcullis/sign-out",
                        "",
                        "origin",
                        "https://claw.example.com",
                        "sec-fetch-site",
                        "same-origin");
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.fields().first("clear-site-data")).isEqualTo("\"cache\"");
        assertThat(answer.fields().first("location"))
                .startsWith(scene.standIn.issuer() + "/logout?");
        assertThat(query(answer))
                .containsEntry("client_id", "portcullis")
                .containsEntry(
                        "post_logout_redirect_uri",
                        "https://claw.example.com/_portcullis/signed-out")
                .containsKey("id_token_hint");
        assertThat(closed).containsExactly(Reason.SIGNED_OUT);
        assertThat(browser.session()).isNull();
        assertThat(scene.sessions.sessionCount()).isZero();
        assertThat(scene.audit.getLast().kind()).isEqualTo(AuditEvent.Kind.SIGN_OUT);
        browser.jar.put("__Host-portcullis", old);
        assertThat(browser.send(Method.GET, "/_portcullis/me", "", Fields.NONE).status())
                .isEqualTo(401);
    }

    @Test
    void signingOut_worksWithoutTheAudit() {
        var browser = scene.browser().signIn();
        scene.audited = false;
        browser.post("/_portcullis/sign-out", "", "sec-fetch-site", "same-origin");
        assertThat(scene.sessions.sessionCount()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "https://evil.example,cross-site",
        "null,cross-site",
        "null,same-origin",
        "https://claw.example.com.evil.example,",
        "https://claw.example.com:8443,",
        "http://claw.example.com,",
        "https://claw.example.com,same-site",
        "https://claw.example.com,cross-site",
        ",none",
        ",same-site",
        ",",
    })
    void anotherSite_cannotSignAnybodyOut(String origin, String site) {
        var browser = scene.browser().signIn();
        var fields = new ArrayList<String>();
        if (origin != null) {
            fields.addAll(List.of("origin", origin));
        }
        if (site != null) {
            fields.addAll(List.of("sec-fetch-site", site));
        }
        var answer = browser.post("/_portcullis/sign-out", "", fields.toArray(String[]::new));
        assertThat(answer.status()).isEqualTo(403);
        assertThat(browser.session()).isNotNull();
        assertThat(scene.sessions.sessionCount()).isEqualTo(1);
    }

    @Test
    void somebodyElse_signsOutThereAndInAgain() {
        var browser = scene.browser().signIn();
        var answer =
                browser.post(
                        "/_portcullis/sign-out",
                        "then=sign-in",
                        "origin",
                        "https://claw.example.com");
        var state = query(answer).get("state");
        var back = browser.get("/_portcullis/signed-out?state=" + state);
        assertThat(back.fields().first("location")).isEqualTo("/_portcullis/sign-in");
        assertThat(browser.get("/_portcullis/signed-out?state=done").status()).isEqualTo(200);
    }

    @Test
    void withoutAnEndSessionEndpoint_anotherAccountIsAskedFor() {
        var standIn = new StandInProvider();
        standIn.metadata.remove("end_session_endpoint");
        try (var other = new SignInScene(standIn, it -> it)) {
            var browser = other.browser().signIn();
            var answer =
                    browser.post(
                            "/_portcullis/sign-out",
                            "then=sign-in",
                            "origin",
                            "https://claw.example.com");
            assertThat(answer.fields().first("location"))
                    .isEqualTo("/_portcullis/sign-in?prompt=select_account");
            assertThat(browser.get("/_portcullis/signed-out").body().asUtf8())
                    .contains("You may still be signed in at 127.0.0.1");
        }
    }

    @Test
    void signingOutWithoutASession_leadsToTheSignedOutPage() {
        assertThat(scene.browser().get("/_portcullis/sign-out").fields().first("location"))
                .isEqualTo("/_portcullis/signed-out");
    }
}
