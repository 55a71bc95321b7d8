package dev.portcullis.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.http.Field;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Authentication.Rejected;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of {@code tokens/flaws.txt} is refused, and for the reason that stands there. */
@TestInstance(Lifecycle.PER_CLASS)
class TokenFlawsTest {
    private static final Pattern ENCODED = Pattern.compile("%([0-9A-F]{2})");

    private final TestKeys keys = new TestKeys();
    private final TestIssuer issuer = new TestIssuer();
    private final TestDoor door = new TestDoor(issuer.uri(), TokenIssuerConfig.Type.AT_JWT);
    private final TestTokens tokens = new TestTokens(keys, issuer.uri().toString(), TestDoor.NOW);

    record Row(
            String name, TokenFlaw flaw, String header, String payload, String with, String then) {
        static Row parse(String line) {
            var cells = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
            return new Row(
                    cells.get(0),
                    TokenFlaw.valueOf(cells.get(1)),
                    cells.get(2),
                    cells.get(3),
                    cells.get(4),
                    cells.get(5));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Row> rows() throws IOException {
        try (var in = TokenFlawsTest.class.getResourceAsStream("/tokens/flaws.txt")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Row::parse)
                    .toList();
        }
    }

    @BeforeAll
    void publishKeys() {
        var es256 = keys.es256.toPublicJWK().toJSONString();
        issuer.publishKeys(
                es256,
                TestKeys.published(keys.rsa, ""),
                renamed(TestKeys.published(keys.rsa, "\"alg\":\"RS256\""), "rsa-rs256"),
                TestKeys.published(keys.weak, ""),
                renamed(TestKeys.published(keys.es256, "\"use\":\"enc\""), "use-enc"),
                renamed(TestKeys.published(keys.es256, "\"use\":[\"sig\"]"), "use-list"),
                renamed(TestKeys.published(keys.es256, "\"key_ops\":[\"sign\"]"), "ops-sign"),
                renamed(TestKeys.published(keys.es256, "\"key_ops\":[]"), "ops-none"),
                renamed(keys.es256.toJSONString(), "private"),
                renamed(es256.replaceAll("\"y\":\"....", "\"y\":\"AAAA"), "off-curve"),
                "{\"kty\":\"oct\",\"kid\":\"secret\",\"k\":\"AAAA\"}",
                renamed(es256, "twice"),
                renamed(TestKeys.published(keys.stranger, ""), "twice"),
                renamed(TestKeys.published(keys.stranger, ""), "other"));
    }

    @AfterAll
    void close() {
        door.close();
        issuer.close();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void flawedToken_isRefusedForThatReason(Row row) {
        var request = request(row);
        var authorization = request.fields().all("authorization").getFirst();
        assertThat(door.judge(authorization, request, TestDoor.PEER))
                .isInstanceOfSatisfying(
                        BearerTokens.Flawed.class,
                        verdict -> assertThat(verdict.flaw()).isEqualTo(row.flaw()));
        assertThat(door.tokens.authenticate(request, TestDoor.PEER).toCompletableFuture().join())
                .isInstanceOf(Rejected.class);
    }

    @Test
    void goodToken_passes() {
        assertThat(door.judge("Bearer " + tokens.good())).isInstanceOf(BearerTokens.Good.class);
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
        flaws.add(TokenFlaw.SCHEME); // Below the token; see BearerTokensTest.
        assertThat(flaws).containsExactlyInAnyOrder(TokenFlaw.values());
    }

    /** The rows that are not refused as they should be; see {@link DeleteEachCheck}. */
    static List<String> red() throws IOException {
        var red = new ArrayList<String>();
        var test = new TokenFlawsTest();
        test.publishKeys();
        for (var row : rows()) {
            try {
                test.flawedToken_isRefusedForThatReason(row);
            } catch (AssertionError | RuntimeException noticed) {
                red.add(row.name());
            }
        }
        test.close();
        return red;
    }

    /** The request that presents what the row describes: a token, or a token with its proof. */
    RequestHead request(Row row) {
        if (!row.then().startsWith("proof")) {
            return TestDoor.request("Bearer " + token(row));
        }
        var token = row.then().equals("proof-unbound") ? tokens.good() : tokens.bound();
        var proof = new Field("dpop", tokens.proof(row.header(), row.payload(), row.with(), token));
        var bearer = new Field("authorization", "Bearer " + token);
        var bound = new Field("authorization", "DPoP " + token);
        return TestDoor.request(
                switch (row.then()) {
                    case "proof", "proof-unbound" -> List.of(bound, proof);
                    case "proof-missing" -> List.of(bound);
                    case "proof-twice" -> List.of(bound, proof, proof);
                    case "proof-as-bearer" -> List.of(bearer, proof);
                    case "proof-used" -> used(List.of(bound, proof));
                    case "proof-padded" -> List.of(bound, new Field("dpop", proof.value() + "="));
                    default -> throw new IllegalArgumentException(row.then());
                });
    }

    private List<Field> used(List<Field> fields) {
        var request = TestDoor.request(fields);
        assertThat(door.tokens.authenticate(request, TestDoor.PEER).toCompletableFuture().join())
                .isInstanceOf(Authenticated.class);
        return fields;
    }

    private String token(Row row) {
        var token = tokens.signed(row.header(), row.payload(), row.with());
        var parts = token.split("\\.", -1);
        int colon = row.then().indexOf(':');
        var verb = colon < 0 ? row.then() : row.then().substring(0, colon);
        var rest = colon < 0 ? "" : decoded(row.then().substring(colon + 1));
        return switch (verb) {
            case "" -> token;
            case "whole" -> rest;
            case "prefix" -> rest + token;
            case "suffix" -> token + rest;
            case "quote" -> '"' + token + '"';
            case "cut-signature" -> parts[0] + '.' + parts[1];
            case "empty-payload" -> parts[0] + ".." + parts[2];
            case "insert-header" -> middle(parts[0], rest) + '.' + parts[1] + '.' + parts[2];
            case "insert-payload" -> parts[0] + '.' + middle(parts[1], rest) + '.' + parts[2];
            case "insert-signature" -> parts[0] + '.' + parts[1] + '.' + middle(parts[2], rest);
            case "fill" -> token + "A".repeat(Integer.parseInt(rest) - token.length());
            default -> parts[0] + '.' + parts[1] + '.' + signature(verb, parts);
        };
    }

    private String signature(String verb, String[] parts) {
        var signature = Base64.getUrlDecoder().decode(parts[2]);
        return switch (verb) {
            case "spare-bits-signature" ->
                    parts[2].substring(0, parts[2].length() - 1)
                            + (char) (parts[2].charAt(parts[2].length() - 1) + 1);
            case "signature-of-another" -> another("sub=\"other\"");
            case "payload-of-another" -> another("");
            case "short-signature" -> TestTokens.base64(Arrays.copyOf(signature, 63));
            case "long-signature" -> TestTokens.base64(Arrays.copyOf(signature, 65));
            case "pss-of-same" ->
                    TestTokens.base64(keys.sign("rsa", "PS256", parts[0] + '.' + parts[1]));
            default -> throw new IllegalArgumentException(verb);
        };
    }

    private String another(String payload) {
        return tokens.signed("", payload, "es256").split("\\.", -1)[2];
    }

    private static String middle(String part, String inserted) {
        int half = part.length() / 2;
        return part.substring(0, half) + inserted + part.substring(half);
    }

    private static String renamed(String jwk, String keyId) {
        return jwk.replaceAll("\"kid\":\"[^\"]*\"", "\"kid\":\"" + keyId + '"');
    }

    private static String decoded(String text) {
        return ENCODED.matcher(text)
                .replaceAll(found ->
                        Matcher.quoteReplacement(
                                String.valueOf((char) Integer.parseInt(found.group(1), 16))));
    }
}
