package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.SignInConfig;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionSecret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an ID token must be for a sign-in to end in a session (OpenID Connect Core §3.1.3.7). */
class IdTokenTest {
    private static final long NOW = SignInScene.START.getEpochSecond();
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();
    private SignInScene scene = new SignInScene();

    @AfterEach
    void close() {
        scene.close();
    }

    private static Arguments flaw(String name, Consumer<StandInProvider> flaw) {
        return Arguments.of(name, flaw);
    }

    private static Arguments claim(String name, String claim, Object value) {
        return flaw(name, it -> it.claims.put(claim, value));
    }

    private static Arguments without(String claim) {
        return flaw("no " + claim, it -> it.claims.remove(claim));
    }

    private static Arguments token(String name, UnaryOperator<String> change) {
        return flaw(name, it -> it.idToken = change);
    }

    private static String part(String json) {
        return BASE64URL.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    static Stream<Arguments> flaws() {
        return Stream.of(
                without("iss"),
                claim("another iss", "iss", "https://evil.example"),
                claim("iss with a slash", "iss", "http://127.0.0.1/realm/"),
                claim("iss in a list", "iss", List.of("http://127.0.0.1/realm")),
                without("sub"),
                claim("empty sub", "sub", ""),
                claim("long sub", "sub", "s".repeat(256)),
                claim("sub as a number", "sub", 1),
                without("aud"),
                claim("another aud", "aud", "somebody-else"),
                claim("aud in another case", "aud", "Portcullis"),
                claim("aud that begins with ours", "aud", "portcullis2"),
                claim("aud list without us", "aud", List.of("a", "b")),
                claim("aud list with others and no azp", "aud", List.of("portcullis", "b")),
                claim("aud list with a number", "aud", List.of("portcullis", 1)),
                claim("another azp", "azp", "somebody-else"),
                claim("azp in a list", "azp", List.of("portcullis")),
                without("exp"),
                claim("exp a minute ago", "exp", NOW - 60),
                claim("exp as text", "exp", Long.toString(NOW + 300)),
                claim("exp beyond any calendar", "exp", 1e300),
                claim("negative exp", "exp", -1),
                without("iat"),
                claim("iat in the future", "iat", NOW + 61),
                claim("negative iat", "iat", -1),
                claim("iat as text", "iat", Long.toString(NOW)),
                claim("nbf in the future", "nbf", NOW + 61),
                claim("nbf as text", "nbf", "now"),
                without("nonce"),
                claim("another nonce", "nonce", "n"),
                claim("nonce in a list", "nonce", List.of("n")),
                claim("another at_hash", "at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
                claim("at_hash as a number", "at_hash", 1),
                flaw("typ of an access token", type("at+jwt")),
                flaw("typ of a logout token", type("logout+jwt")),
                flaw(
                        "a key that is not published",
                        it -> it.signingKey = StandInProvider.newKey("k2")),
                flaw(
                        "another key under the same name",
                        it -> it.signingKey = StandInProvider.newKey("k1")),
                flaw("a key for encryption", published(key -> key.keyUse(KeyUse.ENCRYPTION))),
                flaw(
                        "a key that may not verify",
                        published(key -> key.keyOperations(Set.of(KeyOperation.ENCRYPT)))),
                flaw(
                        "two keys of one name",
                        it ->
                                it.published =
                                        List.of(
                                                it.published.getFirst(),
                                                StandInProvider.newKey("k1"))),
                flaw("no key published", it -> it.published = List.of()),
                flaw(
                        "alg the provider does not use",
                        it ->
                                it.metadata.put(
                                        "id_token_signing_alg_values_supported", List.of("ES256"))),
                token("no signature", token -> token.substring(0, token.lastIndexOf('.') + 1)),
                token(
                        "alg none",
                        token ->
                                part("{\"alg\":\"none\"}")
                                        + token.substring(
                                                token.indexOf('.'), token.lastIndexOf('.') + 1)),
                token(
                        "alg HS256",
                        token ->
                                part("{\"alg\":\"HS256\",\"kid\":\"k1\"}")
                                        + token.substring(token.indexOf('.'))),
                token("a blank inside", token -> token.replace(".", ". ")),
                token("padding", token -> token + "="),
                token("four parts", token -> token + ".a"),
                token("another payload", token -> payload(token, "{\"sub\":\"eve\"}")),
                token("last character's spare bits", IdTokenTest::withSpareBits),
                token("no token", _ -> ""),
                flaw("critical header", header("crit", List.of("exp"))),
                flaw("key in the header", header("jwk", Map.of("kty", "RSA"))),
                flaw("address of a key in the header", header("jku", "https://evil.example")),
                flaw("unencoded payload", header("b64", false)),
                without("email"),
                claim("email not verified", "email_verified", false),
                without("email_verified"),
                claim("email verified in words", "email_verified", "true"),
                claim("two at signs", "email", "a@evil@example.com"),
                claim("homoglyph", "email", "аlice@example.com"),
                claim("control character", "email", "alice\n@example.com"),
                claim("comma", "email", "alice,bob@example.com"),
                claim("empty name", "email", " "),
                claim("email in a list", "email", List.of("alice@example.com")),
                claim("groups as a number", "groups", 1),
                claim("groups with a number", "groups", List.of("sre", 1)));
    }

    private static Consumer<StandInProvider> type(String type) {
        return it -> it.header = header -> header.type(new JOSEObjectType(type));
    }

    private static Consumer<StandInProvider> published(UnaryOperator<RSAKey.Builder> change) {
        return it ->
                it.published =
                        List.of(
                                change.apply(new RSAKey.Builder(it.signingKey).keyUse(null))
                                        .build());
    }

    /** Signs a header that the library would not write. */
    private static Consumer<StandInProvider> header(String name, Object value) {
        return it ->
                it.idToken =
                        token -> {
                            var header = new LinkedHashMap<String, Object>();
                            header.put("alg", "RS256");
                            header.put("kid", "k1");
                            header.put(name, value);
                            return it.signRaw(
                                    part(JSONObjectUtils.toJSONString(header))
                                            + token.substring(
                                                    token.indexOf('.'), token.lastIndexOf('.')));
                        };
    }

    private static String payload(String token, String json) {
        return token.substring(0, token.indexOf('.') + 1)
                + part(json)
                + token.substring(token.lastIndexOf('.'));
    }

    private static String withSpareBits(String token) {
        var last = token.charAt(token.length() - 1);
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return token.substring(0, token.length() - 1) + alphabet.charAt(alphabet.indexOf(last) + 1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("flaws")
    void aFlaw_endsWithoutASession(String name, Consumer<StandInProvider> flaw) {
        var browser = scene.browser();
        refreshed(flaw, browser);
        assertThat(browser.session()).as(name).isNull();
        assertThat(scene.sessions.sessionCount()).isZero();
        assertThat(scene.lastReason())
                .isIn(
                        Reason.ID_TOKEN_INVALID,
                        Reason.CLAIM_MISSING,
                        Reason.USER_NAME_NOT_CANONICAL);
    }

    /** What the provider publishes is read at the start, so a flaw in it needs a new start. */
    private void refreshed(Consumer<StandInProvider> flaw, SignInScene.Browser browser) {
        var before = scene.standIn.published;
        var metadata = Map.copyOf(scene.standIn.metadata);
        flaw.accept(scene.standIn);
        if (!before.equals(scene.standIn.published) || !metadata.equals(scene.standIn.metadata)) {
            var standIn = scene.standIn;
            scene.provider.close();
            scene = new SignInScene(standIn, UnaryOperator.identity());
            browser = scene.browser();
        }
        var asked = browser.begin("");
        scene.standIn.vouchFor(asked.get("nonce"), scene.now);
        flaw.accept(scene.standIn);
        var answer = browser.comeBackAs(asked);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(SignInScene.text(answer)).doesNotContain("evil", "canary");
    }

    static Stream<Arguments> allowed() {
        return Stream.of(
                claim("exp just within the leeway", "exp", NOW - 59),
                claim("iat just within the leeway", "iat", NOW + 60),
                claim("nbf just within the leeway", "nbf", NOW + 60),
                claim("exp with a fraction", "exp", NOW + 0.5),
                claim("aud in a list", "aud", List.of("portcullis")),
                claim("azp is us", "azp", "portcullis"),
                flaw(
                        "others in aud, azp is us",
                        it -> {
                            it.claims.put("aud", List.of("portcullis", "api"));
                            it.claims.put("azp", "portcullis");
                        }),
                without("at_hash"),
                without("groups"),
                without("sid"),
                claim("one group", "groups", "sre"),
                claim("name in another case", "email", " Alice@Example.COM "),
                flaw("no kid", it -> it.header = header -> header.keyID(null)),
                flaw("no typ", it -> it.header = header -> header.type(null)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("allowed")
    void whatTheSpecificationAllows_signsIn(String name, Consumer<StandInProvider> change) {
        var browser = scene.browser();
        var asked = browser.begin("");
        scene.standIn.vouchFor(asked.get("nonce"), scene.now);
        change.accept(scene.standIn);
        browser.comeBackAs(asked);
        assertThat(browser.session()).as(name).isNotNull();
        assertThat(session(browser).user().value()).isEqualTo("alice@example.com");
    }

    @Test
    void duplicateKeysInTheClaims_areRefused() {
        var browser = scene.browser();
        var asked = browser.begin("");
        scene.standIn.vouchFor(asked.get("nonce"), scene.now);
        var json = JSONObjectUtils.toJSONString(scene.standIn.claims);
        scene.standIn.idToken =
                _ -> scene.standIn.sign(json.substring(0, json.length() - 1) + ",\"sub\":\"eve\"}");
        browser.comeBackAs(asked);
        assertThat(browser.session()).isNull();
        assertThat(scene.lastReason()).isEqualTo(Reason.ID_TOKEN_INVALID);
    }

    @Test
    void aKeyPublishedAfterTheStart_isFetched() {
        var browser = scene.browser();
        var asked = browser.begin("");
        var newer = StandInProvider.newKey("k2");
        scene.standIn.published = List.of(scene.standIn.signingKey, newer);
        scene.standIn.signingKey = newer;
        browser.comeBack(asked);
        assertThat(browser.session()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"other.example", "EXAMPLE.COM", ""})
    void aRequiredClaimThatDiffers_isRefused(String found) {
        restart(config -> with(config, "email", Map.of("hd", "example.com"), false));
        var browser = scene.browser();
        var asked = browser.begin("");
        scene.standIn.vouchFor(asked.get("nonce"), scene.now);
        scene.standIn.claims.put("hd", found);
        assertThat(browser.comeBackAs(asked).status()).isEqualTo(403);
        assertThat(scene.lastReason()).isEqualTo(Reason.CLAIM_MISSING);
    }

    @Test
    void aRequiredClaimThatIsThere_letsIn() {
        restart(config -> with(config, "email", Map.of("hd", "example.com", "mfa", "true"), false));
        var browser = scene.browser();
        var asked = browser.begin("");
        assertThat(browser.comeBack(asked).status()).as("absent").isEqualTo(403);
        asked = browser.begin("");
        scene.standIn.vouchFor(asked.get("nonce"), scene.now);
        scene.standIn.claims.putAll(Map.of("hd", "example.com", "mfa", true));
        browser.comeBackAs(asked);
        assertThat(browser.session()).isNotNull();
    }

    @Test
    void anUnverifiedEmail_isLetInOnlyByName() {
        restart(config -> with(config, "email", Map.of(), true));
        var browser = scene.browser();
        var asked = browser.begin("");
        scene.standIn.vouchFor(asked.get("nonce"), scene.now);
        scene.standIn.claims.remove("email_verified");
        browser.comeBackAs(asked);
        assertThat(browser.session()).isNotNull();
    }

    @Test
    void anotherUserClaim_isUsedAsConfigured() {
        restart(config -> with(config, "preferred_username", Map.of(), false));
        var browser = scene.browser();
        var asked = browser.begin("");
        scene.standIn.vouchFor(asked.get("nonce"), scene.now);
        scene.standIn.claims.put("preferred_username", "Alice");
        scene.standIn.claims.remove("email_verified");
        browser.comeBackAs(asked);
        assertThat(session(browser).user().value()).isEqualTo("Alice");
    }

    private void restart(UnaryOperator<SignInConfig> change) {
        scene.close();
        scene = new SignInScene(change);
    }

    private static SignInConfig with(
            SignInConfig it, String userClaim, Map<String, String> required, boolean unverified) {
        return new SignInConfig(
                it.issuer(),
                it.clientId(),
                it.credential(),
                userClaim,
                it.groupsClaim(),
                it.scopes(),
                it.parameters(),
                required,
                it.ca(),
                it.idle(),
                it.absolute(),
                unverified);
    }

    private Session session(SignInScene.Browser browser) {
        return scene.sessions
                .use(
                        SessionSecret.parse(String.valueOf(browser.session())).orElseThrow().key(),
                        scene.now)
                .toCompletableFuture()
                .join()
                .orElseThrow();
    }
}
