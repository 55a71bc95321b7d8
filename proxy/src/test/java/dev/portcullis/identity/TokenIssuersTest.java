package dev.portcullis.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Authentication.Undecidable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenIssuersTest {
    private static final TestKeys KEYS = new TestKeys();

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    @Test
    void severalIssuersAndAudiences_eachTokenIsJudgedByItsOwn() throws IOException {
        try (var first = new TestIssuer().publishKeys(TestKeys.published(KEYS.es256, ""));
                var second = new TestIssuer().publishKeys(TestKeys.published(KEYS.stranger, ""));
                var issuers = open(config(first, "a"), config(first, "b"), config(second, "c"))) {
            assertThat(judged(issuers, token(first, "a", "es256"))).isTrue();
            assertThat(judged(issuers, token(first, "b", "es256"))).isTrue();
            assertThat(judged(issuers, token(second, "c", "stranger"))).isTrue();
            assertThat(judged(issuers, token(second, "c", "es256"))).as("key of first").isFalse();
            assertThat(judged(issuers, token(first, "c", "es256"))).as("for second").isFalse();
            assertThat(judged(issuers, token(second, "a", "stranger"))).as("for first").isFalse();
            assertThat(issuers.trouble()).isEmpty();
        }
    }

    @Test
    void issuerNotThere_isNamedAndItsTokensAreUndecidable() throws IOException {
        var away = URI.create("http://127.0.0.1:1");
        try (var issuers = open(TestDoor.config(away, "a", TokenIssuerConfig.Type.AT_JWT))) {
            var token =
                    new TestTokens(KEYS, away.toString(), TestDoor.NOW)
                            .signed("", "aud=\"a\"", "es256");
            assertThat(
                            issuers.authenticate(TestDoor.request("Bearer " + token), TestDoor.PEER)
                                    .toCompletableFuture()
                                    .join())
                    .isInstanceOf(Undecidable.class);
            assertThat(issuers.trouble())
                    .hasValueSatisfying(line -> assertThat(line).contains("token issuer " + away));
        }
    }

    @Test
    void authorityThatCannotBeRead_stopsTheStart(@TempDir Path folder) {
        var missing = folder.resolve("missing.pem");
        var config =
                new TokenIssuerConfig(
                        URI.create("https://idp.example.com"),
                        "a",
                        TokenIssuerConfig.Type.AT_JWT,
                        "email",
                        null,
                        TestDoor.ALGORITHMS,
                        missing);
        assertThatThrownBy(() -> open(config))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("missing.pem");
    }

    private TokenIssuers open(TokenIssuerConfig... configs) throws IOException {
        return TokenIssuers.open(
                List.of(configs),
                LimitsConfig.DEFAULTS,
                new DpopProofs(
                        TestDoor.ORIGIN,
                        (_, _, _, _) -> CompletableFuture.completedStage(true),
                        () -> TestDoor.NOW),
                () -> TestDoor.NOW,
                timer);
    }

    private static TokenIssuerConfig config(TestIssuer issuer, String audience) {

        return TestDoor.config(issuer.uri(), audience, TokenIssuerConfig.Type.AT_JWT);
    }

    private static String token(TestIssuer issuer, String audience, String with) {
        return new TestTokens(KEYS, issuer.uri().toString(), TestDoor.NOW)
                .signed("", "aud=\"" + audience + '"', with);
    }

    private static boolean judged(TokenIssuers issuers, String token) {
        return issuers.authenticate(TestDoor.request("Bearer " + token), TestDoor.PEER)
                        .toCompletableFuture()
                        .join()
                instanceof Authenticated;
    }
}
