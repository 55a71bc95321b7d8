package dev.portcullis.login;

import static dev.portcullis.login.SignInScene.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.session.SessionSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the provider can end, and what nobody else can in its name. */
class ProviderLogoutTest {
    private static final String BACK = "/_portcullis/back-channel-logout";
    private static final String FRONT = "/_portcullis/front-channel-logout";

    private final SignInScene scene = new SignInScene();
    private final List<Reason> closed = new ArrayList<>();

    @AfterEach
    void close() {
        scene.close();
    }

    // Back-channel: by session and by subject.

    @Test
    void aLogoutOfOneSession_endsThatOneWithItsSockets() {
        var one = signedIn("there-1");
        var other = signedIn("there-2");
        var answer = tell(claims -> claims.put("sid", "there-1"));
        assertThat(answer.status()).as(text(answer)).isEqualTo(200);
        assertThat(answer.fields().first("cache-control")).isEqualTo("no-store");
        assertThat(answer.body().length()).isZero();
        assertThat(lives(one)).isFalse();
        assertThat(lives(other)).isTrue();
        assertThat(closed).containsExactly(Reason.BACK_CHANNEL_LOGOUT);
        assertThat(scene.audit)
                .anyMatch(event ->
                        event.kind() == AuditEvent.Kind.SESSION_END
                                && event.reason() == Reason.BACK_CHANNEL_LOGOUT
                                && "alice@example.com".equals(event.user()));
    }

    @Test
    void aLogoutOfAPerson_endsAllTheirSessions() {
        var one = signedIn("there-1");
        var other = signedIn("there-2");
        assertThat(tell(claims -> claims.put("sub", "subject-1")).status()).isEqualTo(200);
        assertThat(lives(one)).isFalse();
        assertThat(lives(other)).isFalse();
        assertThat(closed).hasSize(2);
    }

    @Test
    void aSessionOfAnotherPerson_isNotEnded() {
        var one = signedIn("there-1");
        var answer =
                tell(claims -> {
                    claims.put("sid", "there-1");
                    claims.put("sub", "subject-2");
                });
        assertThat(answer.status()).isEqualTo(200);
        assertThat(lives(one)).isTrue();
    }

    @Test
    void aSessionThatIsNotHere_isNothingToComplainOf() {
        assertThat(tell(claims -> claims.put("sid", "unknown")).status()).isEqualTo(200);
    }

    @Test
    void aSignInThatComesBackAfterItsSessionEnded_isRefused() {
        var browser = scene.browser();
        var asked = browser.begin("");
        assertThat(tell(claims -> claims.put("sid", "provider-session-1")).status()).isEqualTo(200);
        assertThat(browser.comeBack(asked).status()).isEqualTo(400);
        assertThat(browser.session()).isNull();
        assertThat(scene.sessions.sessionCount()).isZero();
    }

    @Test
    void aTokenSentTwice_worksOnce() {
        var token = token(claims -> claims.put("sub", "subject-1"));
        assertThat(send("logout_token=" + token).status()).isEqualTo(200);
        var later = signedIn("there-2");
        assertThat(send("logout_token=" + token).status()).isEqualTo(400);
        assertThat(lives(later)).isTrue();
        assertThat(scene.lastReason()).isEqualTo(Reason.LOGOUT_REFUSED);
    }

    @Test
    void aTokenThatFailedHalfWay_endsWhatIsHereAndWorksWhenItIsSentAgain() {
        var one = signedIn("there-1");
        for (int id = 0; id < 100_000; id++) { // As many as the memory remembers.
            var _ = scene.sessions.revoke("x", "" + id, scene.now, scene.now.plusSeconds(60));
        }
        var token = token(claims -> claims.put("sid", "there-1"));
        assertThat(send("logout_token=" + token).status()).isEqualTo(400);
        assertThat(lives(one)).isFalse();
        scene.now = scene.now.plusSeconds(61);
        assertThat(send("logout_token=" + token).status()).isEqualTo(200);
        assertThat(send("logout_token=" + token).status()).isEqualTo(400);
    }

    // Back-channel: what is no logout token.

    static Stream<Arguments> flaws() {
        var event = Map.of(LogoutTokenCheck.EVENT, Map.of());
        long now = SignInScene.START.getEpochSecond();
        return Stream.of(
                flaw("another issuer", c -> c.put("iss", "https://evil.example")),
                flaw("no issuer", c -> c.remove("iss")),
                flaw("another audience", c -> c.put("aud", "other")),
                flaw("no audience", c -> c.remove("aud")),
                flaw("no iat", c -> c.remove("iat")),
                flaw("iat ahead", c -> c.put("iat", now + 61)),
                flaw("no exp", c -> c.remove("exp")),
                flaw("exp past", c -> c.put("exp", now - 60)),
                flaw("exp far ahead", c -> c.put("exp", now + 86_401)),
                flaw("nbf ahead", c -> c.put("nbf", now + 61)),
                flaw("no jti", c -> c.remove("jti")),
                flaw("jti empty", c -> c.put("jti", "")),
                flaw("jti a number", c -> c.put("jti", 7)),
                flaw("no events", c -> c.remove("events")),
                flaw("other event", c -> c.put("events", Map.of("http://x", Map.of()))),
                flaw("event no object", c -> c.put("events", Map.of(LogoutTokenCheck.EVENT, 1))),
                flaw("events a list", c -> c.put("events", List.of(event))),
                flaw("a nonce", c -> c.put("nonce", "n")),
                flaw("neither sub nor sid", c -> c.remove("sid")),
                flaw("sid empty", c -> c.put("sid", "")),
                flaw("sid a number", c -> c.put("sid", 7)),
                flaw("sub a list", c -> c.put("sub", List.of("subject-1"))));
    }

    private static Arguments flaw(String name, Consumer<Map<String, Object>> change) {
        return Arguments.of(name, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("flaws")
    void aTokenWithAFlaw_endsNothing(String name, Consumer<Map<String, Object>> change) {
        var one = signedIn("there-1");
        var answer =
                tell(claims -> {
                    claims.put("sid", "there-1");
                    change.accept(claims);
                });
        assertThat(answer.status()).as(name).isEqualTo(400);
        assertThat(answer.fields().first("cache-control")).isEqualTo("no-store");
        assertThat(answer.body().asUtf8()).isEqualTo("{\"error\":\"invalid_request\"}\n");
        assertThat(lives(one)).isTrue();
        assertThat(scene.lastReason()).isEqualTo(Reason.LOGOUT_REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"JWT", "at+jwt", "logout+jwt+x", ""})
    void aTokenOfAnotherType_endsNothing(String type) {
        var one = signedIn("there-1");
        scene.standIn.header = header -> header.type(new JOSEObjectType(type));
        var token = scene.standIn.sign(json(claims -> claims.put("sid", "there-1")));
        assertThat(send("logout_token=" + token).status()).isEqualTo(400);
        assertThat(lives(one)).isTrue();
    }

    @Test
    void aTokenSignedByAnother_endsNothing() {
        var one = signedIn("there-1");
        scene.standIn.signingKey = StandInProvider.newKey("k1");
        assertThat(tell(claims -> claims.put("sid", "there-1")).status()).isEqualTo(400);
        assertThat(lives(one)).isTrue();
    }

    @Test
    void anIdToken_isNoLogoutToken() {
        var one = signedIn("provider-session-1");
        scene.standIn.vouchFor("n", scene.now);
        var token = scene.standIn.sign(JSONObjectUtils.toJSONString(scene.standIn.claims));
        assertThat(send("logout_token=" + token).status()).isEqualTo(400);
        assertThat(lives(one)).isTrue();
    }

    @Test
    void aFormThatIsNotOneClearForm_endsNothing() {
        var one = signedIn("there-1");
        var token = token(claims -> claims.put("sid", "there-1"));
        var twice = "logout_token=" + token + "&logout_token=" + token;
        assertThat(send(twice).status()).isEqualTo(400);
        assertThat(send("").status()).isEqualTo(400);
        assertThat(send("logout_token=").status()).isEqualTo(400);
        assertThat(send("logout_token=" + token + "%zz").status()).isEqualTo(400);
        var json =
                scene.browser()
                        .post(BACK, "logout_token=" + token, "content-type", "application/json");
        assertThat(json.status()).isEqualTo(400);
        assertThat(scene.browser().get(BACK + "?logout_token=" + token).status()).isEqualTo(405);
        assertThat(lives(one)).isTrue();
        assertThat(send("more=1&logout_token=" + token).status()).isEqualTo(200);
    }

    // Front-channel.

    @Test
    void aFrameOfTheProvider_endsTheSessionWithoutACookie() {
        var one = signedIn("there-1");
        var other = signedIn("there-2");
        var answer =
                scene.browser().get(frontChannel(scene.standIn.issuer().toString(), "there-1"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.fields().first("content-security-policy"))
                .contains("frame-ancestors 'self' http://127.0.0.1:" + scene.standIn.port());
        assertThat(lives(one)).isFalse();
        assertThat(lives(other)).isTrue();
        assertThat(closed).containsExactly(Reason.FRONT_CHANNEL_LOGOUT);
    }

    @Test
    void aFrameThatNamesNoSessionOfTheProvider_endsNothing() {
        var one = signedIn("there-1");
        var issuer = scene.standIn.issuer().toString();
        assertThat(scene.browser().get(frontChannel(issuer, "unknown")).status()).isEqualTo(200);
        for (var wrong :
                List.of(
                        frontChannel("https://evil.example", "there-1"),
                        frontChannel(issuer, ""),
                        frontChannel(issuer, "there-1") + "&sid=there-2",
                        frontChannel(issuer, "x".repeat(256)),
                        FRONT + "?sid=there-1",
                        FRONT + "?iss=" + issuer,
                        FRONT)) {
            assertThat(scene.browser().get(wrong).status()).as(wrong).isEqualTo(400);
        }
        assertThat(lives(one)).isTrue();
    }

    @Test
    void aFrame_leavesNothingBehindInTheStore() {
        var _ = signedIn("there-1");
        var issuer = scene.standIn.issuer().toString();
        for (var session : List.of("there-1", "unknown")) {
            assertThat(scene.browser().get(frontChannel(issuer, session)).status()).isEqualTo(200);
            var remembered =
                    scene.sessions.isRevoked(
                            LogoutRoutes.endedSessions(issuer), session, scene.now);
            assertThat(remembered.toCompletableFuture()).isCompletedWithValue(false);
        }
    }

    private static String frontChannel(String issuer, String session) {
        return FRONT + "?iss=" + issuer + "&sid=" + session;
    }

    // The scene.

    private SignInScene.Browser signedIn(String providerSession) {
        var browser = scene.browser();
        var asked = browser.begin("");
        scene.standIn.vouchFor(asked.get("nonce"), scene.now);
        scene.standIn.claims.put("sid", providerSession);
        assertThat(browser.comeBackAs(asked).status()).isEqualTo(302);
        var key = SessionSecret.parse(browser.session()).orElseThrow().key();
        var session = scene.sessions.use(key, scene.now).toCompletableFuture().join();
        var _ = scene.connections.register(session.orElseThrow().principal(), closed::add);
        return browser;
    }

    private boolean lives(SignInScene.Browser browser) {
        var key = SessionSecret.parse(browser.session()).orElseThrow().key();
        return scene.sessions.use(key, scene.now).toCompletableFuture().join().isPresent();
    }

    private LocalResponse tell(Consumer<Map<String, Object>> change) {
        return send("logout_token=" + token(change));
    }

    private LocalResponse send(String form) {
        return scene.browser()
                .post(BACK, form, "content-type", "application/x-www-form-urlencoded");
    }

    private String token(Consumer<Map<String, Object>> change) {
        scene.standIn.header = header -> header.type(new JOSEObjectType("logout+jwt"));
        try {
            return scene.standIn.sign(json(change));
        } finally {
            scene.standIn.header = header -> header;
        }
    }

    private String json(Consumer<Map<String, Object>> change) {
        var claims = new HashMap<String, Object>();
        claims.put("iss", scene.standIn.issuer().toString());
        claims.put("aud", StandInProvider.CLIENT);
        claims.put("iat", scene.now.getEpochSecond());
        claims.put("exp", scene.now.plus(Duration.ofMinutes(2)).getEpochSecond());
        claims.put("jti", SessionSecret.random().expose());
        claims.put("events", Map.of(LogoutTokenCheck.EVENT, Map.of()));
        change.accept(claims);
        return JSONObjectUtils.toJSONString(claims);
    }
}
