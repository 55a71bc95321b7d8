package dev.portcullis.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.http.Field;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Authentication.Rejected;
import dev.portcullis.testing.TestAuthority;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tokens that are bound to a key (RFC 9449) or a certificate (RFC 8705), in the right hands and in
 * wrong ones. What is wrong with single proofs stands in {@code tokens/flaws.txt}.
 */
class BoundTokensTest {
    private final TestKeys keys = new TestKeys();
    private final TestIssuer issuer = new TestIssuer();
    private final TestDoor door = new TestDoor(issuer.uri(), TokenIssuerConfig.Type.AT_JWT);
    private final TestTokens tokens = new TestTokens(keys, issuer.uri().toString(), TestDoor.NOW);

    @BeforeEach
    void publish() {
        issuer.publishKeys(TestKeys.published(keys.es256, ""));
    }

    @AfterEach
    void close() {
        door.close();
        issuer.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "iat={now-60}",
                "iat={now+60}",
                "htu=\"https://claw.example.com/a?q=2\"",
                "htu=\"https://claw.example.com/a#x\"",
                "nonce=\"anything\"",
            })
    void goodProof_passesOnceAndTheNextOnePasses(String payload) {
        var token = tokens.bound();
        assertThat(withProof(token, payload)).isInstanceOf(Authenticated.class);
        assertThat(withProof(token, payload)).as("of the cache").isInstanceOf(Authenticated.class);
    }

    @Test
    void tokenKnownFromBefore_stillNeedsItsProof() {
        var token = tokens.bound();
        assertThat(withProof(token, "")).isInstanceOf(Authenticated.class);
        assertThat(door.authenticate("Bearer " + token)).isInstanceOf(Rejected.class);
        assertThat(door.authenticate("DPoP " + token)).isInstanceOf(Rejected.class);
        assertThat(withProof(token, "htm=\"PUT\"")).isInstanceOf(Rejected.class);
    }

    @Test
    void oldProof_isWorthNothingLater() {
        var token = tokens.bound();
        var proof = tokens.proof("", "", "stranger", token);
        door.pass(Duration.ofSeconds(61));
        assertThat(presented(token, proof)).isInstanceOf(Rejected.class);
    }

    @Test
    void tokenOfACertificate_needsThatCertificate() {
        var authority = TestAuthority.root("Clients").at(TestDoor.NOW);
        var right = ClientCertificate.of(List.of(authority.client("alice@example.com")));
        var other = ClientCertificate.of(List.of(authority.client("alice@example.com")));
        var digest = TestTokens.base64(right.digest());
        var token = "Bearer " + tokens.signed("", "cnf={\"x5t#S256\":\"" + digest + "\"}", "es256");
        assertThat(over(token, right)).isInstanceOf(BearerTokens.Good.class);
        assertThat(over(token, other)).isInstanceOf(BearerTokens.Flawed.class);
        assertThat(over(token, null)).isInstanceOf(BearerTokens.Flawed.class);
        assertThat(over(token, right)).isInstanceOf(BearerTokens.Good.class);
    }

    private BearerTokens.Verdict over(String token, ClientCertificate certificate) {
        var connection = new ConnectionFacts(TestDoor.PEER.address(), certificate);
        return door.judge(token, TestDoor.request(token), connection);
    }

    private Authentication withProof(String token, String payload) {
        return presented(token, tokens.proof("", payload, "stranger", token));
    }

    private Authentication presented(String token, String proof) {
        var request =
                TestDoor.request(
                        List.of(
                                new Field("authorization", "DPoP " + token),
                                new Field("dpop", proof)));
        return door.tokens.authenticate(request, TestDoor.PEER).toCompletableFuture().join();
    }
}
