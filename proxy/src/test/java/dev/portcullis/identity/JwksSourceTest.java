package dev.portcullis.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.identity.TestIssuer.Page;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwksSourceTest {
    private static final TestKeys KEYS = new TestKeys();

    private final TestIssuer issuer = new TestIssuer();
    private final TestDoor door = new TestDoor(issuer.uri(), TokenIssuerConfig.Type.AT_JWT);
    private final JwksSource source = door.source;
    private final TestTokens tokens = new TestTokens(KEYS, issuer.uri().toString(), TestDoor.NOW);

    @BeforeEach
    void publishOneKey() {
        issuer.publishKeys(TestKeys.published(KEYS.es256, ""));
    }

    @AfterEach
    void close() {
        door.close();
        issuer.close();
    }

    // What is believed.

    @Test
    void metadata_isWhatTheIssuerPublishes() {
        assertThat(metadata()).isNotNull();
        assertThat(source.isReady()).isTrue();
        assertThat(source.trouble()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example", "http://127.0.0.1:1", "/", ""})
    void metadataOfAnotherIssuer_isNotBelieved(String suffix) {
        var named = suffix.equals("/") ? issuer.uri() + "/" : suffix;
        issuer.publishMetadata(named, issuer.uri() + "/keys");
        assertThat(metadata()).isNull();
        assertThat(source.isReady()).isFalse();
        assertThat(source.trouble()).hasValueSatisfying(why -> assertThat(why).contains("issuer"));
        assertThat(issuer.keyFetches()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com/keys", // Not encrypted.
                "http://localhost:1/keys", // A name server has a say in it.
                "file:///etc/passwd",
                "https://user:secret@127.0.0.1:1/keys",
                "keys",
                "not a url"
            })
    void keysAtAnOddPlace_areNotFetched(String uri) {
        issuer.publishMetadata(issuer.uri().toString(), uri);
        assertThat(metadata()).isNull();
        assertThat(source.isReady()).isFalse();
    }

    @Test
    void redirect_isNotFollowed() {
        issuer.answer("/keys", new Page(302, "application/json", ""));
        issuer.answer("/elsewhere", new Page(200, "application/json", "{\"keys\":[]}"));
        assertThat(metadata()).isNull();
        assertThat(source.trouble()).hasValueSatisfying(why -> assertThat(why).contains("302"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "text/plain", "application/octet-stream"})
    void keysThatAreNotCalledJson_areNotBelieved(String type) {
        issuer.answer("/keys", new Page(200, type, "{\"keys\":[]}"));
        assertThat(metadata()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"keys\":{}}",
                "{\"keys\":[]",
                "{\"keys\":[],\"keys\":[]}"
            })
    void keysThatAreNoKeySet_areNotBelieved(String body) {
        issuer.answer("/keys", new Page(200, "application/json", body));
        assertThat(metadata()).isNull();
    }

    @Test
    void moreThanAHundredKeys_areNotBelieved() {
        issuer.publishKeys(Collections.nCopies(101, "{}").toArray(String[]::new));
        assertThat(metadata()).isNull();
    }

    @Test
    void tenMegabytesOfKeys_areCutOff() {
        var body = "{\"keys\":[],\"x\":\"" + "x".repeat(10_000_000) + "\"}";
        issuer.answer("/keys", new Page(200, "application/json", body));
        assertThat(metadata()).isNull();
    }

    // Keys come and go.

    @Test
    void newKey_isFetchedAtTheFirstMiss() {
        assertThat(isVerified("es256", "es256")).isTrue();
        issuer.publishKeys(TestKeys.published(KEYS.es256, ""), TestKeys.published(KEYS.es384, ""));
        assertThat(isVerified("es384", "es384")).isTrue();
        assertThat(issuer.keyFetches()).isEqualTo(2);
    }

    @Test
    void tenThousandUnknownKeys_causeOneFetchInFiveSeconds() {
        assertThat(isVerified("es256", "es256")).isTrue();
        for (int i = 0; i < 10_000; i++) {
            assertThat(isVerified("unknown-" + i, "zeros")).isFalse();
        }
        assertThat(issuer.keyFetches()).isEqualTo(2); // The first ever, and one for all of these.
    }

    @Test
    void forgedKeyIds_delayANewKeyByFiveSecondsAtMost() {
        assertThat(isVerified("forged", "es256")).isFalse(); // First fetch, and one for the miss.
        assertThat(isVerified("forged", "es256")).isFalse();
        int before = issuer.keyFetches();
        issuer.publishKeys(TestKeys.published(KEYS.es384, ""));
        assertThat(isVerified("es384", "es384")).as("too early").isFalse();
        door.pass(JwksSource.UNKNOWN_KEY_PAUSE.minusMillis(1));
        source.maintain();
        assertThat(isVerified("forged", "es256")).isFalse();
        assertThat(issuer.keyFetches()).isEqualTo(before);
        door.pass(Duration.ofMillis(1));
        refresh(); // On its own, because of the miss before.
        assertThat(issuer.keyFetches()).isEqualTo(before + 1);
        assertThat(isVerified("es384", "es384")).isTrue();
        assertThat(issuer.keyFetches()).isEqualTo(before + 1);
    }

    @Test
    void keySetEmptied_isHeard() {
        assertThat(isVerified("es256", "es256")).isTrue();
        issuer.publishKeys();
        door.pass(JwksSource.FRESH);
        refresh();
        assertThat(isVerified("es256", "es256")).isFalse();
    }

    // Time.

    @Test
    void freshKeys_areNotFetchedAgain() {
        assertThat(metadata()).isNotNull();
        door.pass(JwksSource.FRESH.minusSeconds(1));
        source.maintain();
        assertThat(metadata()).isNotNull();
        assertThat(issuer.keyFetches()).isOne();
    }

    @Test
    void issuerAwayLater_itsKeysAreGoodForADay() {
        assertThat(isVerified("es256", "es256")).isTrue();
        issuer.answer("/keys", new Page(503, "text/plain", "later"));
        door.pass(JwksSource.STALE.minusSeconds(1));
        refresh();
        assertThat(source.trouble()).isPresent();
        assertThat(isVerified("es256", "es256")).isTrue();
        door.pass(Duration.ofSeconds(1));
        assertThat(source.isReady()).isFalse();
        assertThat(verify("es256", "es256")).isEqualTo(new Verification.Unavailable());
    }

    @Test
    void issuerDownAtTheStart_isFoundWhenItIsBack() {
        issuer.answer("/keys", new Page(503, "text/plain", "later"));
        assertThat(metadata()).isNull();
        publishOneKey();
        door.pass(JwksSource.RETRY_EMPTY);
        refresh();
        assertThat(source.isReady()).isTrue();
        assertThat(source.trouble()).isEmpty();
    }

    private @Nullable JsonObject metadata() {
        return source.metadata().toCompletableFuture().join().orElse(null);
    }

    /** A round of maintenance, and the fetch it starts. */
    private void refresh() {
        source.maintain();
        source.settled().toCompletableFuture().join();
    }

    private boolean isVerified(String keyId, String with) {
        return verify(keyId, with) instanceof Verification.Verified;
    }

    private Verification verify(String keyId, String with) {
        var algorithm = with.equals("es384") ? "ES384" : "ES256";
        var header = "alg=\"" + algorithm + "\";;kid=\"" + keyId + '"';
        var parsed = UnverifiedJwt.parse(tokens.signed(header, "", with));
        var token = ((UnverifiedJwt.Wellformed) parsed).token();
        var allowed = Set.of(SignatureAlgorithm.ES256, SignatureAlgorithm.ES384);
        return source.verify(token, allowed).toCompletableFuture().join();
    }
}
