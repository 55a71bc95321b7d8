package dev.portcullis.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Authentication.Rejected;
import dev.portcullis.identity.FlawedTokens.Row;
import dev.portcullis.testing.TestAuthority;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of {@code tokens/flaws.txt} is refused, and for the reason that stands there. */
@TestInstance(Lifecycle.PER_CLASS)
class TokenFlawsTest {
    private static final String LET_IN = " (let in)";

    private final TestIssuer issuer = new TestIssuer();
    private final TestDoor door = new TestDoor(issuer.uri(), TokenIssuerConfig.Type.AT_JWT);
    private final TestDoor anyType = new TestDoor(issuer.uri(), TokenIssuerConfig.Type.JWT);
    private final FlawedTokens flawed =
            new FlawedTokens(issuer, InstantSource.fixed(TestDoor.NOW), TestDoor.ORIGIN.host());
    private final ConnectionFacts withCertificate =
            new ConnectionFacts(
                    TestDoor.PEER.address(),
                    ClientCertificate.of(
                            List.of(
                                    TestAuthority.root("Clients")
                                            .at(TestDoor.NOW)
                                            .client("alice@example.com"))));

    static List<Row> rows() throws IOException {
        return FlawedTokens.rows();
    }

    @AfterEach
    void backToNormal() {
        door.now = TestDoor.NOW;
    }

    @AfterAll
    void close() {
        door.close();
        anyType.close();
        issuer.close();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void flawedToken_isRefusedForThatReason(Row row) {
        var request = prepared(row);
        assertThat(judge(row, request))
                .isInstanceOfSatisfying(
                        BearerTokens.Flawed.class,
                        verdict -> assertThat(verdict.flaw()).isEqualTo(row.flaw()));
        assertThat(authenticate(row, request)).isInstanceOf(Rejected.class);
        restore(row);
    }

    @Test
    void goodToken_passes() {
        assertThat(door.judge("Bearer " + flawed.tokens.good()))
                .isInstanceOf(BearerTokens.Good.class);
    }

    @Test
    void rows_areDistinctAndCoverEveryFlaw() throws IOException {
        var names = new HashSet<String>();
        var flaws = new HashSet<TokenFlaw>();
        for (var row : rows()) {
            assertThat(names.add(row.name())).as(row.name()).isTrue();
            flaws.add(row.flaw());
        }
        assertThat(names).hasSizeGreaterThanOrEqualTo(200);
        assertThat(flaws).containsExactlyInAnyOrder(TokenFlaw.values());
    }

    /** The rows that are not refused as they should be; see {@link DeleteEachCheck}. */
    static List<String> red() throws IOException {
        var red = new ArrayList<String>();
        var test = new TokenFlawsTest();
        for (var row : rows()) {
            try {
                var verdict = test.judge(row, test.prepared(row));
                if (verdict instanceof BearerTokens.Good) {
                    red.add(row.name() + LET_IN);
                } else if (!(verdict instanceof BearerTokens.Flawed it)
                        || it.flaw() != row.flaw()) {
                    red.add(row.name());
                }
            } catch (RuntimeException | AssertionError noticed) {
                red.add(row.name());
            }
            test.restore(row);
            test.backToNormal();
        }
        test.close();
        return red;
    }

    static boolean isLetIn(String red) {
        return red.endsWith(LET_IN);
    }

    /** The row's request, after what came before it. */
    private RequestHead prepared(Row row) {
        var request = TestDoor.request(flawed.fields(row));
        if (row.isUsedBefore() || row.needsABefore()) {
            assertThat(authenticate(row, request)).isInstanceOf(Authenticated.class);
        }
        if (row.then().startsWith("later:")) {
            door.now = door.now.plusSeconds(Long.parseLong(row.then().substring(6)));
        } else if (row.then().equals("withdrawn")) {
            flawed.withdraw(issuer);
            fetchKeys();
        }
        return request;
    }

    private void restore(Row row) {
        if (row.then().equals("withdrawn")) {
            flawed.publish(issuer);
            fetchKeys();
        }
    }

    private void fetchKeys() {
        door.nanos += Duration.ofMinutes(1).toNanos();
        door.judge("Bearer " + flawed.tokens.signed("kid=\"nobody\"", "", "es256"));
    }

    private BearerTokens.Verdict judge(Row row, RequestHead request) {
        var authorization = request.fields().all("authorization").getFirst();
        return door(row).judge(authorization, request, connection(row));
    }

    private Authentication authenticate(Row row, RequestHead request) {
        return door(row).tokens.authenticate(request, connection(row)).toCompletableFuture().join();
    }

    private TestDoor door(Row row) {
        return row.isForAnyType() ? anyType : door;
    }

    private ConnectionFacts connection(Row row) {
        return row.then().equals("certificate") ? withCertificate : TestDoor.PEER;
    }
}
