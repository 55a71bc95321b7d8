package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.SignInConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProviderTest {
    private static Arguments metadata(String name, String key, Object value) {
        Consumer<StandInProvider> change =
                it -> {
                    if (value == null) {
                        it.metadata.remove(key);
                    } else {
                        it.metadata.put(key, value);
                    }
                };
        return Arguments.of(name, change);
    }

    static Stream<Arguments> unusable() {
        return Stream.of(
                metadata("issuer", "issuer", "http://127.0.0.1/other"),
                metadata("issuer", "issuer", null),
                metadata("authorization_endpoint", "authorization_endpoint", null),
                metadata("authorization_endpoint", "authorization_endpoint", "javascript:alert(1)"),
                metadata(
                        "authorization_endpoint",
                        "authorization_endpoint",
                        "http://evil.example/a"),
                metadata("authorization_endpoint", "authorization_endpoint", "https://a/b#c"),
                metadata("authorization_endpoint", "authorization_endpoint", "https://u:p@a/b"),
                metadata("token_endpoint", "token_endpoint", null),
                metadata("token_endpoint", "token_endpoint", "http://10.0.0.1/token"),
                metadata("end_session_endpoint", "end_session_endpoint", "ftp://a/b"),
                metadata("jwks_uri", "jwks_uri", null),
                metadata(
                        "id_token_signing_alg_values_supported",
                        "id_token_signing_alg_values_supported",
                        List.of("none", "HS256")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unusable")
    void metadataThatCannotBeTrusted_isNamedAndNobodyIsSentThere(
            String named, Consumer<StandInProvider> change) throws Exception {
        try (var standIn = new StandInProvider();
                var scene = started(standIn, change)) {
            assertThat(scene.provider.reached()).isNull();
            assertThat(scene.provider.status().available()).isFalse();
            assertThat(scene.provider.status().line())
                    .startsWith("identity provider " + standIn.issuer() + ": ")
                    .contains(named)
                    .doesNotContain("\n");
            assertThat(scene.browser().get("/_portcullis/sign-in").status()).isEqualTo(503);
        }
    }

    private static SignInScene started(StandInProvider standIn, Consumer<StandInProvider> change) {
        change.accept(standIn);
        return new SignInScene(standIn, it -> it);
    }

    @Test
    void aProviderThatAnswers_isFine() throws Exception {
        try (var scene = new SignInScene()) {
            assertThat(scene.provider.reached()).isNotNull();
            assertThat(scene.provider.status())
                    .isEqualTo(
                            new ProviderHealth(
                                    true,
                                    "identity provider " + scene.standIn.issuer() + ": fine"));
        }
    }

    @Test
    void aProviderThatIsDown_isNamedAndComesBackByItself() throws Exception {
        var gone = new StandInProvider();
        int port = gone.port();
        gone.close();
        URI issuer = gone.issuer();
        try (var provider = SignInScene.open(SignInScene.config(issuer))) {
            assertThat(provider.reached()).isNull();
            assertThat(provider.status().available()).isFalse();
            assertThat(provider.status().line()).contains(issuer.toString());
            try (var _ = new StandInProvider(port)) {
                while (provider.reached() == null) {
                    Thread.onSpinWait(); // The test ends, or the build's time does.
                }
                assertThat(provider.status().available()).isTrue();
            }
        }
    }

    @Test
    void aProviderThatWentAway_getsNobodySentToIt() throws Exception {
        var scene = new SignInScene();
        var browser = scene.browser();
        assertThat(browser.get("/_portcullis/sign-in").status()).isEqualTo(302);
        browser.signIn();
        scene.standIn.close();
        var answer = browser.get("/_portcullis/sign-in");
        while (answer.status() == 302) {
            answer = browser.get("/_portcullis/sign-in"); // Its last answer still counts.
        }
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.fields().has("retry-after")).isTrue();
        assertThat(browser.get("/_portcullis/me").status()).as("goes on").isEqualTo(200);
        assertThat(scene.provider.status().available()).as("what is known").isTrue();
        assertThat(scene.provider.status().line()).contains("what is known stays in use");
        scene.close();
    }

    @Test
    void aCrowdOfSignIns_costsTheProviderNothing() throws Exception {
        try (var scene = new SignInScene()) {
            scene.provider.reached();
            int before = scene.standIn.discoveries.get();
            for (int i = 0; i < 200; i++) {
                scene.browser().get("/_portcullis/sign-in");
            }
            assertThat(scene.standIn.discoveries.get() - before).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void aCaFileWithoutCertificates_stopsTheStart(@TempDir Path folder) throws IOException {
        var empty = Files.writeString(folder.resolve("ca.crt"), "");
        var it = SignInScene.config(URI.create("https://login.example.com"));
        var config =
                new SignInConfig(
                        it.issuer(),
                        it.clientId(),
                        it.credential(),
                        it.userClaim(),
                        it.groupsClaim(),
                        it.scopes(),
                        it.parameters(),
                        it.requiredClaims(),
                        empty,
                        it.idle(),
                        it.absolute(),
                        false);
        assertThatThrownBy(() -> Provider.open(config, LimitsConfig.DEFAULTS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ca.crt");
    }
}
