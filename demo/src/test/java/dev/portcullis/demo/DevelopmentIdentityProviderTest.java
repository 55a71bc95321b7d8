package dev.portcullis.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import com.nimbusds.openid.connect.sdk.claims.AccessTokenHash;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import dev.portcullis.certs.DevelopmentCertificates;
import java.io.IOException;
import java.io.OutputStream;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevelopmentIdentityProviderTest {
    private static final URI ORIGIN = URI.create("https://localhost:8443");
    private static final String CALLBACK = "https://localhost:8443/_portcullis/callback";
    private static final String SIGNED_OUT = "https://localhost:8443/_portcullis/signed-out";
    private static final Pattern WAITING = Pattern.compile("name=\"request\" value=\"([^\"]+)\"");
    private static final Pattern CONFIRM = Pattern.compile("name=\"confirm\" value=\"([^\"]+)\"");

    @TempDir private static Path temporary;
    private static DevelopmentCertificates certificates;

    private final CodeVerifier verifier = new CodeVerifier();
    private DevelopmentIdentityProvider provider;
    private HttpClient browser;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates =
                DevelopmentCertificates.create(
                        temporary.resolve("certificates"), List.of(), Clock.systemUTC());
    }

    @BeforeEach
    void start() throws Exception {
        provider =
                DevelopmentIdentityProvider.start(
                        DevelopmentIdentityProvider.Settings.standard(
                                DevelopmentTls.server(certificates)));
        provider.register(DevelopmentClient.portcullis("portcullis", "s3cret", ORIGIN));
        provider.register(DevelopmentClient.portcullis("public", null, ORIGIN));
        browser =
                HttpClient.newBuilder()
                        .sslContext(DevelopmentTls.client(certificates))
                        .cookieHandler(new CookieManager())
                        .build();
    }

    @AfterEach
    void stop() {
        browser.shutdownNow();
        provider.close();
    }

    @Test
    void discovery_namesWhatIsThere() throws Exception {
        var metadata = OIDCProviderMetadata.parse(get("/.well-known/openid-configuration").body());

        assertThat(metadata.getIssuer().getValue()).isEqualTo(provider.issuer().toString());
        assertThat(metadata.supportsAuthorizationResponseIssuerParam()).isTrue();
        assertThat(metadata.getCodeChallengeMethods()).containsExactly(CodeChallengeMethod.S256);
        assertThat(metadata.getEndSessionEndpointURI()).hasPath("/end-session");
        assertThat(get("/keys").body()).doesNotContain("\"d\"");
    }

    @Test
    void signIn_givesAnIdTokenThatHolds() throws Exception {
        var answer = press(authorize(Map.of()), "user-1001");
        var sent = query(answer);
        assertThat(sent).containsEntry("state", List.of("state-1"));
        assertThat(sent).containsEntry("iss", List.of(provider.issuer().toString()));

        var tokens = JSONObjectUtils.parse(exchange(code(answer), Map.of()).body());
        var idToken = SignedJWT.parse((String) tokens.get("id_token"));
        var key = JWKSet.parse(get("/keys").body()).getKeys().getFirst().toRSAKey();
        assertThat(idToken.verify(new RSASSAVerifier(key))).isTrue();
        var claims = idToken.getJWTClaimsSet();
        assertThat(claims.getIssuer()).isEqualTo(provider.issuer().toString());
        assertThat(claims.getAudience()).containsExactly("portcullis");
        assertThat(claims.getClaims())
                .containsEntry("nonce", "nonce-1")
                .containsEntry("email", "alice@example.com")
                .containsEntry("email_verified", true)
                .containsKeys("sid", "auth_time", "groups");
        assertThat(claims.getClaim("at_hash"))
                .isEqualTo(
                        AccessTokenHash.compute(
                                        new BearerAccessToken((String) tokens.get("access_token")),
                                        JWSAlgorithm.RS256,
                                        null)
                                .getValue());
        assertThat(get("/user-info", "Bearer " + tokens.get("access_token")).body())
                .contains("\"alice@example.com\"");
    }

    @Test
    void secondSignIn_needsNoButton() throws Exception {
        press(authorize(Map.of()), "user-1001");

        assertThat(query(authorize(Map.of("prompt", "none")))).containsKey("code");
        assertThat(authorize(Map.of("prompt", "login")).statusCode()).isEqualTo(200);
        assertThat(authorize(Map.of("max_age", "0")).statusCode()).isIn(200, 303);
        provider.forgetSessions();
        assertThat(query(authorize(Map.of("prompt", "none"))))
                .containsEntry("error", List.of("login_required"))
                .containsEntry("iss", List.of(provider.issuer().toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "client_id, nobody",
        "redirect_uri, https://localhost:8443/_portcullis/callback/",
        "redirect_uri, https://evil.example.com/",
        "scope, email",
    })
    void wrongClientOrAddress_isNeverRedirected(String name, String value) throws Exception {
        var answer = authorize(Map.of(name, value));

        assertThat(answer.statusCode()).isIn(400);
        assertThat(answer.headers().firstValue("Location")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "code_challenge_method, plain, invalid_request",
        "code_challenge, '', invalid_request",
        "response_type, id_token, unsupported_response_type",
        "prompt, none, login_required",
    })
    void wrongRequest_isToldToTheClient(String name, String value, String error) throws Exception {
        assertThat(query(authorize(Map.of(name, value)))).containsEntry("error", List.of(error));
    }

    @Test
    void code_isGoodOnce() throws Exception {
        var code = code(press(authorize(Map.of()), "user-1001"));

        assertThat(exchange(code, Map.of()).statusCode()).isEqualTo(200);
        assertThat(exchange(code, Map.of()).body()).contains("invalid_grant");
    }

    @ParameterizedTest
    @CsvSource({
        "code_verifier, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, invalid_grant",
        "code_verifier, '', invalid_grant",
        "redirect_uri, https://localhost:8443/, invalid_grant",
        "code, unknown, invalid_grant",
        "grant_type, client_credentials, unsupported_grant_type",
    })
    void wrongExchange_isRefused_andSpendsTheCode(String name, String value, String error)
            throws Exception {
        var code = code(press(authorize(Map.of()), "user-1001"));

        var refused = exchange(code, Map.of(name, value));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains(error);
    }

    @Test
    void wrongSecret_orNone_isRefused() throws Exception {
        var code = code(press(authorize(Map.of()), "user-1001"));

        assertThat(exchange(code, Map.of(), "portcullis:wrong").statusCode()).isEqualTo(401);
        assertThat(exchange(code, Map.of("client_id", "portcullis"), "").statusCode())
                .isEqualTo(401);
        assertThat(exchange(code, Map.of("client_id", "public"), "").body())
                .contains("invalid_grant"); // Another client's code.
    }

    @Test
    void publicClient_isProtectedByPkceAlone() throws Exception {
        var page = authorize(Map.of("client_id", "public"));

        var tokens =
                exchange(
                        code(press(page, "user-1002")),
                        Map.of("client_id", "public", "redirect_uri", CALLBACK),
                        "");
        assertThat(tokens.statusCode()).isEqualTo(200);
    }

    @Test
    void page_isGoodOnce_andForKnownUsers() throws Exception {
        var page = authorize(Map.of());

        assertThat(press(page, "user-9").statusCode()).isEqualTo(400);
        assertThat(press(page, "user-1001").statusCode()).isEqualTo(303);
        assertThat(press(page, "user-1001").statusCode()).isEqualTo(400);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'none';")
                .contains("form-action 'self' https://localhost:8443;");
        assertThat(page.body()).contains("mallory@example.com").doesNotContain("<script");
    }

    @Test
    void signOut_withAnIdToken_endsTheSession() throws Exception {
        var code = code(press(authorize(Map.of()), "user-1001"));
        var tokens = JSONObjectUtils.parse(exchange(code, Map.of()).body());
        var parameters =
                form(
                        Map.of(
                                "id_token_hint",
                                (String) tokens.get("id_token"),
                                "post_logout_redirect_uri",
                                SIGNED_OUT,
                                "state",
                                "bye"));

        var answer = get("/end-session?" + parameters);
        assertThat(answer.headers().firstValue("Location")).contains(SIGNED_OUT + "?state=bye");
        assertThat(query(authorize(Map.of("prompt", "none")))).containsKey("error");
    }

    @Test
    void signOut_withoutProof_asksFirst() throws Exception {
        press(authorize(Map.of()), "user-1001");
        var parameters = form(Map.of("post_logout_redirect_uri", SIGNED_OUT));

        var page = get("/end-session?" + parameters);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(query(authorize(Map.of("prompt", "none")))).containsKey("code");
        var confirm = CONFIRM.matcher(page.body());
        assertThat(confirm.find()).isTrue();
        var done = post("/end-session?" + parameters, Map.of("confirm", confirm.group(1)), "");
        assertThat(done.headers().firstValue("Location")).contains(SIGNED_OUT);
        assertThat(query(authorize(Map.of("prompt", "none")))).containsKey("error");
    }

    @Test
    void signOut_toAStranger_isRefused() throws Exception {
        var parameters = form(Map.of("post_logout_redirect_uri", "https://evil.example.com/"));

        assertThat(get("/end-session?" + parameters).statusCode()).isEqualTo(400);
    }

    @Test
    void behaviour_changesTokensAndAnswers() throws Exception {
        var foreign = SigningKeys.generate(JWSAlgorithm.RS256);
        provider.behave(
                new Behaviour() {
                    @Override
                    public JWTClaimsSet claims(JWTClaimsSet honest) {
                        return new JWTClaimsSet.Builder(honest).issuer("https://evil").build();
                    }

                    @Override
                    public JWK signingKey(JWK honest) {
                        return foreign;
                    }

                    @Override
                    public Answer answer(Endpoint endpoint, Answer honest) {
                        return endpoint == Endpoint.KEYS ? honest.withStatus(503) : honest;
                    }
                });
        var code = code(press(authorize(Map.of()), "user-1001"));
        var tokens = JSONObjectUtils.parse(exchange(code, Map.of()).body());
        var idToken = SignedJWT.parse((String) tokens.get("id_token"));

        assertThat(idToken.getJWTClaimsSet().getIssuer()).isEqualTo("https://evil");
        assertThat(idToken.verify(new RSASSAVerifier(foreign.toRSAKey()))).isTrue();
        assertThat(get("/keys").statusCode()).isEqualTo(503);
    }

    @Test
    void behaviour_cutsABodyShort() {
        provider.behave(
                new Behaviour() {
                    @Override
                    public void send(Endpoint endpoint, byte[] body, OutputStream to)
                            throws IOException {
                        to.write(body, 0, 10);
                        throw new IOException("cut short on purpose");
                    }
                });

        assertThatThrownBy(() -> get("/keys")).isInstanceOf(IOException.class);
    }

    @Test
    void rotatedKeys_replaceTheOldOnes() throws Exception {
        var before = JWKSet.parse(get("/keys").body()).getKeys().getFirst().getKeyID();
        provider.rotateKeys();

        assertThat(JWKSet.parse(get("/keys").body()).getKeys())
                .singleElement()
                .satisfies(key -> assertThat(key.getKeyID()).isNotEqualTo(before));
    }

    @Test
    void stoppedAndRestarted_isTheSameAtTheSameAddress() throws Exception {
        press(authorize(Map.of()), "user-1001");
        provider.stop();
        assertThatThrownBy(() -> get("/keys")).isInstanceOf(IOException.class);

        provider.restart();
        assertThat(query(authorize(Map.of("prompt", "none")))).containsKey("code");
    }

    private HttpResponse<String> authorize(Map<String, String> changes) throws Exception {
        var challenge = CodeChallenge.compute(CodeChallengeMethod.S256, verifier).getValue();
        var parameters = new HashMap<String, String>();
        parameters.put("response_type", "code");
        parameters.put("client_id", "portcullis");
        parameters.put("redirect_uri", CALLBACK);
        parameters.put("scope", "openid email");
        parameters.put("state", "state-1");
        parameters.put("nonce", "nonce-1");
        parameters.put("code_challenge", challenge);
        parameters.put("code_challenge_method", "S256");
        parameters.putAll(changes);
        parameters.values().removeIf(String::isEmpty);
        return get("/authorize?" + form(parameters));
    }

    private HttpResponse<String> press(HttpResponse<String> page, String user) throws Exception {
        var waiting = WAITING.matcher(page.body());
        assertThat(waiting.find()).as(page.body()).isTrue();
        return post("/sign-in", Map.of("request", waiting.group(1), "user", user), "");
    }

    private HttpResponse<String> exchange(String code, Map<String, String> changes)
            throws Exception {
        return exchange(code, changes, "portcullis:s3cret");
    }

    private HttpResponse<String> exchange(String code, Map<String, String> changes, String basic)
            throws Exception {
        var parameters = new HashMap<String, String>();
        parameters.put("grant_type", "authorization_code");
        parameters.put("code", code);
        parameters.put("redirect_uri", CALLBACK);
        parameters.put("code_verifier", verifier.getValue());
        parameters.putAll(changes);
        parameters.values().removeIf(String::isEmpty);
        return post(
                "/token",
                parameters,
                basic.isEmpty()
                        ? ""
                        : "Basic " + Base64.getEncoder().encodeToString(basic.getBytes(UTF_8)));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return get(path, "");
    }

    private HttpResponse<String> get(String path, String credential) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(provider.issuer() + path)), credential);
    }

    private HttpResponse<String> post(String path, Map<String, String> form, String credential)
            throws Exception {
        return send(
                HttpRequest.newBuilder(URI.create(provider.issuer() + path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form(form))),
                credential);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String credential)
            throws Exception {
        if (!credential.isEmpty()) {
            request.header("Authorization", credential);
        }
        return browser.send(request.build(), BodyHandlers.ofString());
    }

    private static String code(HttpResponse<String> answer) {
        return query(answer).get("code").getFirst();
    }

    private static Map<String, List<String>> query(HttpResponse<String> answer) {
        var location = answer.headers().firstValue("Location");
        assertThat(location).as(answer.statusCode() + " " + answer.body()).isPresent();
        return URLUtils.parseParameters(URI.create(location.orElseThrow()).getRawQuery());
    }

    private static String form(Map<String, String> parameters) {
        var lists = new HashMap<String, List<String>>();
        parameters.forEach((name, value) -> lists.put(name, List.of(value)));
        return URLUtils.serializeParameters(lists);
    }
}
