package dev.portcullis.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.identity.Authentication.Ambiguous;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Authentication.Rejected;
import dev.portcullis.identity.Authentication.Undecidable;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokensTest {
    private static final TestKeys KEYS = new TestKeys(); // RSA keys are slow to make.
    private static final Rejected MALFORMED = new Rejected(Reason.TOKEN_MALFORMED);
    private static final Rejected INVALID = new Rejected(Reason.TOKEN_INVALID);

    private final TestIssuer issuer = new TestIssuer();
    private final TestDoor door = new TestDoor(issuer.uri(), TokenIssuerConfig.Type.AT_JWT);
    private final TestTokens tokens = new TestTokens(KEYS, issuer.uri().toString(), TestDoor.NOW);

    @BeforeEach
    void publishKeys() {
        issuer.publishKeys(
                TestKeys.published(KEYS.es256, "\"use\":\"sig\",\"alg\":\"ES256\""),
                TestKeys.published(KEYS.es384, "\"key_ops\":[\"verify\"]"),
                TestKeys.published(KEYS.rsa, "\"x5c\":[\"ignored\"]"),
                KEYS.publishedEd25519());
    }

    @AfterEach
    void close() {
        door.close();
        issuer.close();
    }

    // The header field.

    @Test
    void noField_isNobody() {
        assertThat(door.authenticate()).isEqualTo(Authentication.ANONYMOUS);
    }

    @Test
    void twoFields_areAmbiguousEvenIfBothAreGood() {
        var field = "Bearer " + tokens.good();
        assertThat(door.authenticate(field, field))
                .isEqualTo(new Ambiguous(Reason.CREDENTIALS_AMBIGUOUS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer  two.blanks.here",
                "Bearer\tx.y.z",
                "Basic YWxpY2U6c2VjcmV0",
                "Digest username=alice",
                "Negotiate AAAA",
                "DPoP x.y.z",
                "Token x.y.z",
                "BearerX x.y.z",
                "Bearer garbage",
                "Bearer ..",
                "x.y.z"
            })
    void otherSchemesAndGarbage_areRefused(String field) {
        assertThat(door.authenticate(field)).isEqualTo(MALFORMED);
    }

    @Test
    void schemeInAnyCase_isBearer() {
        assertThat(door.authenticate("bearer " + tokens.good())).isInstanceOf(Authenticated.class);
        assertThat(door.authenticate("BEARER " + tokens.good())).isInstanceOf(Authenticated.class);
    }

    // Good tokens.

    @Test
    void goodToken_namesThePrincipalAndNotItself() {
        var token = tokens.signed("", "groups=[\"dev\",\"/sre\"]", "es256");
        assertThat(door.authenticate("Bearer " + token))
                .isInstanceOfSatisfying(
                        Authenticated.class,
                        found -> {
                            var principal = found.principal();
                            assertThat(principal.user().value()).isEqualTo("alice@example.com");
                            assertThat(principal.groups()).isEqualTo(Set.of("dev", "/sre"));
                            assertThat(principal.means()).isEqualTo(Principal.Means.TOKEN);
                            assertThat(principal.issuer()).isEqualTo(issuer.uri().toString());
                            assertThat(principal.handle()).hasSize(16);
                            assertThat(principal.endsAt())
                                    .as("exp; the leeway is for what begins later")
                                    .isEqualTo(TestDoor.NOW.plusSeconds(300));
                            assertThat(token).doesNotContain(principal.handle());
                        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alg=\"ES256\" | es256",
                "alg=\"ES384\";;kid=\"es384\" | es384",
                "alg=\"RS256\";;kid=\"rsa\" | rsa",
                "alg=\"PS256\";;kid=\"rsa\" | rsa",
                "alg=\"EdDSA\";;kid=\"ed\" | ed",
                "typ=\"AT+JWT\" | es256",
                "typ=\"application/at+jwt\" | es256",
                "-kid | es256", // Only one of the keys fits.
                "x5t=\"ignored\" | es256"
            })
    void everyAlgorithmAndSpelling_passes(String header, String with) {
        assertThat(door.authenticate("Bearer " + tokens.signed(header, "", with)))
                .isInstanceOf(Authenticated.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aud=[\"other\",\"portcullis-api\"]",
                "exp={now-59}",
                "exp={now-59.9}",
                "nbf={now+60}",
                "nbf={now-1}",
                "iat={now+60}",
                "-iat",
                "exp=1.9e9",
                "typ=\"Bearer\"",
                "token_use=\"access\"",
                "email=\"Alice@EXAMPLE.com\"",
                "-groups",
                "groups=\"dev\"",
                "x=[[[[[[[[[1]]]]]]]]]",
                "name=\"\\uD83D\\uDE00\""
            })
    void whatTheBoundariesAllow_passes(String payload) {
        assertThat(door.authenticate("Bearer " + tokens.signed("", payload, "es256")))
                .isInstanceOf(Authenticated.class);
    }

    // Issuers that do not follow RFC 9068.

    @ParameterizedTest
    @CsvSource({
        "typ=\"JWT\", true",
        "-typ, true",
        "typ=\"at+jwt\", true",
        "typ=\"jwt\", true",
        "typ=\"logout+jwt\", false",
        "typ=null, false",
        "typ=\"\", false"
    })
    void issuerOfPlainTokens_mayCallThemJwtOrNothing(String header, boolean good) {
        try (var plain = new TestDoor(issuer.uri(), TokenIssuerConfig.Type.JWT)) {
            assertThat(plain.authenticate("Bearer " + tokens.signed(header, "", "es256")))
                    .isInstanceOf(good ? Authenticated.class : Rejected.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonce=\"n\"", "typ=\"ID\"", "at_hash=\"h\"", "aud=\"portcullis\""})
    void idTokenOfSuchAnIssuer_isStillRefused(String payload) {
        try (var plain = new TestDoor(issuer.uri(), TokenIssuerConfig.Type.JWT)) {
            var token = tokens.signed("typ=\"JWT\"", payload, "es256");
            assertThat(plain.authenticate("Bearer " + token)).isEqualTo(INVALID);
        }
    }

    @Test
    void sameIssuerWithTwoAudiences_eitherPasses() {
        var both =
                new BearerTokens(
                        List.of(issuerWith("first"), issuerWith("second")),
                        door.proofs,
                        () -> TestDoor.NOW);
        for (var audience : List.of("first", "second")) {
            var token = tokens.signed("", "aud=\"" + audience + '"', "es256");
            assertThat(
                            both.authenticate(TestDoor.request("Bearer " + token), TestDoor.PEER)
                                    .toCompletableFuture()
                                    .join())
                    .isInstanceOf(Authenticated.class);
        }
        assertThat(
                        both.authenticate(
                                        TestDoor.request("Bearer " + tokens.good()), TestDoor.PEER)
                                .toCompletableFuture()
                                .join())
                .isEqualTo(INVALID);
    }

    @Test
    void noIssuerAtAll_refusesEveryToken() {
        var none = new BearerTokens(List.of(), door.proofs, () -> TestDoor.NOW);
        var field = "Bearer " + tokens.good();
        assertThat(
                        none.authenticate(TestDoor.request(field), TestDoor.PEER)
                                .toCompletableFuture()
                                .join())
                .isEqualTo(INVALID);
    }

    @Test
    void algorithmNobodyKnows_stopsTheStart() {
        var config =
                new TokenIssuerConfig(
                        URI.create("https://idp.example.com"),
                        "api",
                        TokenIssuerConfig.Type.AT_JWT,
                        "email",
                        null,
                        List.of("HS256"),
                        null);
        var issuers = List.of(new BearerTokens.Issuer(config, door.source));
        assertThatThrownBy(() -> new BearerTokens(issuers, door.proofs, () -> TestDoor.NOW))
                .hasMessageContaining("HS256");
    }

    // What was verified once.

    @Test
    void tokenSeenBefore_endsWhenItEnds() {
        var field = "Bearer " + tokens.good(); // 300 s, and 60 s leeway.
        assertThat(door.authenticate(field)).isInstanceOf(Authenticated.class);
        door.now = TestDoor.NOW.plusSeconds(359);
        assertThat(door.authenticate(field)).isInstanceOf(Authenticated.class);
        door.now = TestDoor.NOW.plusSeconds(360);
        assertThat(door.authenticate(field)).isEqualTo(new Rejected(Reason.TOKEN_EXPIRED));
    }

    @Test
    void whatBeginsWithAToken_endsWithItAndNotWithTheLeeway() {
        var field = "Bearer " + tokens.good();
        var end = TestDoor.NOW.plusSeconds(300);
        assertThat(overAt(field)).isEqualTo(end);
        assertThat(overAt(field)).isEqualTo(end); // Seen before.
        door.now = end;
        assertThat(overAt(field)).isEqualTo(end.plusSeconds(60));
        var other = "Bearer " + tokens.signed("", "jti=\"other\"", "es256");
        assertThat(overAt(other)).isEqualTo(end.plusSeconds(60)); // Not seen before.
    }

    private Instant overAt(String field) {
        var verdict = (Authenticated) door.authenticate(field);
        return verdict.principal().overAt();
    }

    @Test
    void tokenSeenBefore_endsWhenItsKeyIsTakenBack() {
        var field = "Bearer " + tokens.good();
        assertThat(door.authenticate(field)).isInstanceOf(Authenticated.class);
        issuer.publishKeys(TestKeys.published(KEYS.es384, ""));
        door.nanos += Duration.ofSeconds(6).toNanos();
        door.authenticate("Bearer " + tokens.signed("kid=\"new\"", "", "es256")); // Fetches.
        assertThat(door.authenticate(field)).isEqualTo(INVALID);
    }

    @Test
    void tokenSeenBefore_isNotKnownWithAnotherSignature() {
        var good = tokens.good();
        assertThat(door.authenticate("Bearer " + good)).isInstanceOf(Authenticated.class);
        var forged = good.substring(0, good.lastIndexOf('.') + 1) + "AAAA";
        assertThat(door.authenticate("Bearer " + forged)).isEqualTo(INVALID);
    }

    // The issuer is away.

    @Test
    void issuerAway_cannotBeJudgedAndIsJudgedOnceItIsBack() {
        issuer.answer("/keys", new TestIssuer.Page(500, "application/json", "{}"));
        var field = "Bearer " + tokens.good();
        var unjudged = new Undecidable(Reason.TOKEN_ISSUER_UNAVAILABLE);
        assertThat(door.authenticate(field)).isEqualTo(unjudged);
        publishKeys();
        assertThat(door.authenticate(field)).as("not asked again at once").isEqualTo(unjudged);
        door.pass(JwksSource.RETRY_EMPTY);
        assertThat(door.authenticate(field)).isInstanceOf(Authenticated.class);
    }

    @Test
    void tokenThatIsWrongAnyway_isRefusedEvenWithoutKeys() {
        issuer.answer("/keys", new TestIssuer.Page(500, "application/json", "{}"));
        var early = tokens.signed("", "nbf={now+100}", "es256");
        assertThat(door.authenticate("Bearer " + early)).isEqualTo(INVALID);
        assertThat(issuer.keyFetches()).isZero();
    }

    // ---------------------------------------------------------------------------------------
    // It is over.

    @Test
    void expired_isToldApart_whoeverSignedIt() {
        var expired = new Rejected(Reason.TOKEN_EXPIRED);
        var seen = "Bearer " + tokens.signed("", "exp={now+100}", "es256");
        assertThat(door.authenticate(seen)).isInstanceOf(Authenticated.class);
        door.now = door.now.plusSeconds(1_000);
        assertThat(door.authenticate(seen)).as("seen before").isEqualTo(expired);
        int fetches = issuer.keyFetches();
        var never = tokens.signed("", "exp={now-100}", "es256");
        assertThat(door.authenticate("Bearer " + never)).as("never seen").isEqualTo(expired);
        assertThat(issuer.keyFetches()).as("nobody is asked").isEqualTo(fetches);
    }

    private BearerTokens.Issuer issuerWith(String audience) {
        var config = TestDoor.config(issuer.uri(), audience, TokenIssuerConfig.Type.AT_JWT);
        return new BearerTokens.Issuer(config, door.source);
    }
}
