package dev.portcullis.login;

import static dev.portcullis.login.SignInScene.query;
import static dev.portcullis.login.SignInScene.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.ClientCredential;
import dev.portcullis.config.ClientCredential.AssertionAudience;
import dev.portcullis.config.SignInConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How we prove to the provider who we are, and how it is asked behind the browser's back. */
class ClientProofTest {
    @TempDir Path folder;

    // Proofs.

    @Test
    void anEcKey_signsForTheIssuerAloneForAMinute() throws Exception {
        var key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
        var credential = signing(key.toPrivateKey(), "client-key-1", AssertionAudience.ISSUER);
        try (var scene = sceneWith(new StandInProvider(), credential)) {
            scene.browser().signIn();
            scene.browser().signIn();
            var ids = new HashSet<String>();
            for (var form : scene.standIn.tokenRequests) {
                var assertion = assertionIn(form);
                assertThat(assertion.verify(new ECDSAVerifier(key))).isTrue();
                assertThat(assertion.getHeader().getKeyID()).isEqualTo("client-key-1");
                var claims = assertion.getJWTClaimsSet();
                assertThat(claims.getIssuer()).isEqualTo("portcullis");
                assertThat(claims.getSubject()).isEqualTo("portcullis");
                assertThat(claims.getAudience()).containsExactly(scene.standIn.issuer().toString());
                assertThat(claims.getExpirationTime().toInstant())
                        .isEqualTo(scene.now.plusSeconds(60));
                ids.add(claims.getJWTID());
            }
            assertThat(ids).hasSize(2);
            assertThat(scene.standIn.tokenAuthorizations).containsOnly("null");
        }
    }

    @ParameterizedTest
    @CsvSource({"'',RS256", "'RS256 PS256',RS256", "'PS256 ES256',PS256"})
    void anRsaKey_signsByWhatTheProviderTakes(String offered, String algorithm) throws Exception {
        var standIn = new StandInProvider();
        if (!offered.isEmpty()) {
            standIn.metadata.put(
                    "token_endpoint_auth_signing_alg_values_supported",
                    List.of(offered.split(" ")));
        }
        var key = StandInProvider.newKey("rsa");
        var credential = signing(key.toPrivateKey(), null, AssertionAudience.TOKEN_ENDPOINT);
        try (var scene = sceneWith(standIn, credential)) {
            scene.browser().signIn();
            var assertion = assertionIn(standIn.tokenRequests.getFirst());
            assertThat(assertion.getHeader().getAlgorithm().getName()).isEqualTo(algorithm);
            assertThat(assertion.verify(new RSASSAVerifier(key.toRSAPublicKey()))).isTrue();
            assertThat(assertion.getJWTClaimsSet().getAudience())
                    .containsExactly(standIn.issuer() + "/token");
        }
    }

    @Test
    void aPublicClient_sendsItsNameAlone() {
        try (var scene = sceneWith(new StandInProvider(), new ClientCredential.None())) {
            scene.browser().signIn();
            assertThat(scene.standIn.tokenRequests.getFirst())
                    .containsEntry("client_id", "portcullis")
                    .doesNotContainKeys("client_secret", "client_assertion");
        }
    }

    @Test
    void aSecret_travelsInTheBodyOnlyWhereBasicIsNotOffered() {
        var standIn = new StandInProvider();
        standIn.metadata.put(
                "token_endpoint_auth_methods_supported", List.of("client_secret_post"));
        try (var scene = new SignInScene(standIn, config -> config)) {
            scene.browser().signIn();
            assertThat(standIn.tokenRequests.getFirst())
                    .containsEntry("client_secret", StandInProvider.SECRET);
            assertThat(standIn.tokenAuthorizations).containsOnly("null");
        }
    }

    // Pushed requests.

    @Test
    void aProviderThatOffersIt_isAskedBehindTheBrowsersBack() {
        var standIn = new StandInProvider();
        standIn.offerEverything();
        try (var scene = new SignInScene(standIn, config -> config)) {
            var browser = scene.browser();
            var seen = browser.begin("?prompt=login");
            assertThat(seen)
                    .containsOnly(
                            Map.entry("client_id", "portcullis"),
                            Map.entry("request_uri", "urn:ietf:params:oauth:request_uri:r1"));
            var asked = standIn.pushed.getFirst();
            assertThat(asked)
                    .containsEntry("response_type", "code")
                    .containsEntry("scope", "openid email profile")
                    .containsEntry("prompt", "login")
                    .containsEntry("code_challenge_method", "S256")
                    .containsEntry("redirect_uri", "https://claw.example.com/_portcullis/callback")
                    .containsKeys("state", "nonce", "code_challenge");
            assertThat(standIn.tokenAuthorizations.getFirst()).startsWith("Basic ");
            assertThat(browser.comeBack(asked).status()).isEqualTo(302);
            assertThat(browser.session()).isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    400 | {"error":"invalid_request"}                    | 502 | SIGN_IN_REFUSED_BY_PROVIDER
                    401 | {"error":"invalid_client"}                     | 502 | SIGN_IN_REFUSED_BY_PROVIDER
                    403 | <html>                                         | 502 | SIGN_IN_REFUSED_BY_PROVIDER
                    429 | {}                                             | 503 | PROVIDER_UNAVAILABLE
                    500 | {}                                             | 503 | PROVIDER_UNAVAILABLE
                    302 | {}                                             | 503 | PROVIDER_UNAVAILABLE
                    201 | {"expires_in":60}                              | 503 | PROVIDER_UNAVAILABLE
                    201 | {"request_uri":"urn:x"}                        | 503 | PROVIDER_UNAVAILABLE
                    201 | {"request_uri":"urn:                           | 503 | PROVIDER_UNAVAILABLE
                    """)
    void aProviderThatTakesNoRequest_isNamedAndNothingIsCreated(
            int status, String body, int expected, Reason reason) {
        var standIn = new StandInProvider();
        standIn.offerEverything();
        standIn.pushedStatus = status;
        standIn.pushedAnswer = _ -> body;
        try (var scene = new SignInScene(standIn, config -> config)) {
            var browser = scene.browser();
            var answer = browser.get("/_portcullis/sign-in");
            assertThat(answer.status()).as(text(answer)).isEqualTo(expected);
            assertThat(scene.lastReason()).isEqualTo(reason);
            assertThat(browser.jar).isEmpty();
        }
    }

    @Test
    void withoutThatOffer_theBrowserCarriesTheRequest() {
        try (var scene = new SignInScene()) {
            var answer = scene.browser().get("/_portcullis/sign-in");
            assertThat(query(answer))
                    .containsKeys("state", "nonce")
                    .doesNotContainKey("request_uri");
        }
    }

    private static SignedJWT assertionIn(Map<String, String> form) throws Exception {
        assertThat(form)
                .containsEntry(
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        return SignedJWT.parse(form.get("client_assertion"));
    }

    private ClientCredential signing(PrivateKey key, String keyId, AssertionAudience audience)
            throws IOException {
        var pem =
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                        + "\n-----END PRIVATE KEY-----\n";
        return new ClientCredential.SigningKey(
                Files.writeString(folder.resolve("client.key"), pem), keyId, audience);
    }

    private static SignInScene sceneWith(StandInProvider standIn, ClientCredential credential) {
        return new SignInScene(standIn, config -> proving(config, credential));
    }

    private static SignInConfig proving(SignInConfig it, ClientCredential credential) {
        return new SignInConfig(
                it.issuer(),
                it.clientId(),
                credential,
                it.userClaim(),
                it.groupsClaim(),
                it.scopes(),
                it.parameters(),
                it.requiredClaims(),
                it.ca(),
                it.idle(),
                it.absolute(),
                it.insecureUnverifiedEmail());
    }
}
