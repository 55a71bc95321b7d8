package dev.portcullis.identity;

import dev.portcullis.http.Field;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The rows of {@code tokens/flaws.txt}, and requests made of them: a token, or a token with its
 * proof.
 */
public final class FlawedTokens {
    private static final Pattern ENCODED = Pattern.compile("%([0-9A-F]{2})");
    private static final int HUGE_BITS = 9_000;

    final TestKeys keys = new TestKeys();
    final TestTokens tokens;

    /**
     * One row.
     *
     * @param header a recipe, as {@code payload}; see {@link TestTokens}
     * @param then what is done with the finished text, or with the request
     */
    public record Row(
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

        /** Whether it is flawed even where tokens of type {@code JWT} and of none are taken. */
        public boolean isForAnyType() {
            return then.equals("any-type");
        }

        /** Whether its request is made of what was good before. */
        public boolean needsABefore() {
            return then.equals("withdrawn") || then.startsWith("later:");
        }

        /** Whether what is wrong with it passes with time. */
        public boolean isAheadOfTime() {
            return payload.contains("{now+6");
        }

        /** Whether its proof is to be used once before. */
        public boolean isUsedBefore() {
            return then.equals("proof-used");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * @param issuer whose tokens these are; publishes the keys
     * @param clock when they are good
     * @param host that proofs are made for
     */
    public FlawedTokens(TestIssuer issuer, InstantSource clock, String host) {
        tokens = new TestTokens(keys, issuer.uri().toString(), clock, host);
        publish(issuer);
    }

    /** All rows. */
    public static List<Row> rows() throws IOException {
        try (var in = FlawedTokens.class.getResourceAsStream("/tokens/flaws.txt")) {
            if (in == null) {
                throw new IOException("no tokens/flaws.txt");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Row::parse)
                    .toList();
        }
    }

    /** The good keys, and every kind of key that must not be used. */
    void publish(TestIssuer issuer) {
        var es256 = keys.es256.toPublicJWK().toJSONString();
        var rsa = TestKeys.published(keys.rsa, "");
        var huge = BigInteger.TWO.pow(HUGE_BITS).subtract(BigInteger.ONE).toByteArray();
        issuer.publishKeys(
                es256,
                rsa,
                renamed(TestKeys.published(keys.rsa, "\"alg\":\"RS256\""), "rsa-rs256"),
                TestKeys.published(keys.weak, ""),
                "{\"kty\":\"RSA\",\"kid\":\"huge\",\"e\":\"AQAB\",\"n\":\""
                        + TestTokens.base64(huge)
                        + "\"}",
                renamed(rsa.replace("\"AQAB\"", "\"BA\""), "exponent-4"),
                renamed(rsa.replace("\"AQAB\"", "\"AQ\""), "exponent-1"),
                renamed(rsa.replace("\"AQAB\"", "\"AQAAAAAB\""), "exponent-long"),
                renamed(TestKeys.published(keys.es256, "\"use\":\"enc\""), "use-enc"),
                renamed(TestKeys.published(keys.es256, "\"use\":[\"sig\"]"), "use-list"),
                renamed(TestKeys.published(keys.es256, "\"key_ops\":[\"sign\"]"), "ops-sign"),
                renamed(TestKeys.published(keys.es256, "\"key_ops\":[]"), "ops-none"),
                renamed(TestKeys.published(keys.es256, "\"key_ops\":1"), "ops-number"),
                renamed(TestKeys.published(keys.es256, "\"alg\":1"), "alg-number"),
                renamed(TestKeys.published(keys.es256, "\"k\":\"AAAA\""), "with-secret"),
                keys.es384.toPublicJWK().toJSONString().replace("\"es384\"", "1"),
                renamed(keys.es256.toJSONString(), "private"),
                renamed(es256.replaceAll("\"y\":\"....", "\"y\":\"AAAA"), "off-curve"),
                renamed(es256.replace("\"y\":", "\"z\":"), "half-a-point"),
                renamed(es256.replace("\"P-256\"", "\"secp256k1\""), "other-curve"),
                renamed(es256.replace("\"EC\"", "\"ec\""), "other-type"),
                renamed(octets("Ed25519", 32, 0), "ed-of-nobody"),
                renamed(octets("X25519", 32, 9), "agreement"),
                renamed(octets("Ed25519", 31, 1), "ed-short"),
                renamed(octets("Ed25519", 33, 1), "ed-long"),
                "{\"kty\":\"oct\",\"kid\":\"secret\",\"k\":\"AAAA\"}",
                renamed(es256, "twice"),
                renamed(TestKeys.published(keys.stranger, ""), "twice"),
                renamed(TestKeys.published(keys.stranger, ""), "other"));
    }

    /** Takes the key of good tokens back. */
    void withdraw(TestIssuer issuer) {
        issuer.publishKeys(renamed(TestKeys.published(keys.stranger, ""), "other"));
    }

    private static String octets(String curve, int length, int first) {
        var bytes = new byte[length];
        bytes[0] = (byte) first;
        return "{\"kty\":\"OKP\",\"crv\":\""
                + curve
                + "\",\"kid\":\"\",\"x\":\""
                + TestTokens.base64(bytes)
                + "\"}";
    }

    private static String renamed(String jwk, String keyId) {
        return jwk.replaceAll("\"kid\":\"[^\"]*\"", "\"kid\":\"" + keyId + '"');
    }

    /** The fields of a request with a good token. */
    public List<Field> good() {
        return List.of(new Field("authorization", "Bearer " + tokens.good()));
    }

    /** The fields of a request that presents what the row describes. */
    public List<Field> fields(Row row) {
        if (!row.then().startsWith("proof")) {
            return List.of(new Field("authorization", authorization(row)));
        }
        var token =
                switch (row.then()) {
                    case "proof-unbound" -> tokens.good();
                    case "proof-rsa" -> tokens.bound(keys.rsa);
                    case "proof-cut" -> tokens.signed("", "cnf={\"jkt\":\"{42}\"}", "es256");
                    default -> tokens.bound();
                };
        var text = tokens.proof(row.header(), row.payload(), row.with(), token);
        var proof = new Field("dpop", text);
        var bound = new Field("authorization", "DPoP " + token);
        return switch (row.then()) {
            case "proof", "proof-unbound", "proof-rsa", "proof-cut", "proof-used" ->
                    List.of(bound, proof);
            case "proof-missing" -> List.of(bound);
            case "proof-twice" -> List.of(bound, proof, proof);
            case "proof-as-bearer" -> List.of(new Field("authorization", "Bearer " + token), proof);
            case "proof-padded" -> List.of(bound, new Field("dpop", text + "="));
            case "proof-filled" -> List.of(bound, new Field("dpop", filled(text, 16_388)));
            default -> throw new IllegalArgumentException(row.then());
        };
    }

    private String authorization(Row row) {
        if (row.needsABefore() || row.then().equals("certificate")) {
            return "Bearer " + tokens.signed(row.header(), row.payload(), row.with());
        }
        return row.then().startsWith("scheme:")
                ? decoded(row.then().substring("scheme:".length())) + tokens.good()
                : "Bearer " + token(row);
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
            case "narrow-signature" -> narrow();
            case "any-type" -> token;
            case "fill" -> filled(token, Integer.parseInt(rest));
            default -> parts[0] + '.' + parts[1] + '.' + signature(verb, parts);
        };
    }

    private static String filled(String token, int length) {
        return token + "A".repeat(length - token.length());
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
            case "wide-signature" -> TestTokens.base64(wide(signature));
            case "pss-of-same" ->
                    TestTokens.base64(keys.sign("rsa", "PS256", parts[0] + '.' + parts[1]));
            default -> throw new IllegalArgumentException(verb);
        };
    }

    /** Both numbers with a zero in front: the same numbers, one byte more each. */
    private static byte[] wide(byte[] signature) {
        int half = signature.length / 2;
        var wide = new byte[signature.length + 2];
        System.arraycopy(signature, 0, wide, 1, half);
        System.arraycopy(signature, half, wide, half + 2, half);
        return wide;
    }

    /** Tries texts until one has it: one in 256. */
    private String narrow() {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> tokens.signed("", "jti=\"" + i + '"', "nothing"))
                .flatMap(this::narrow)
                .findFirst()
                .orElseThrow();
    }

    private Stream<String> narrow(String unsigned) {
        var signature = keys.narrow(unsigned.substring(0, unsigned.length() - 1));
        return signature.map(it -> unsigned + TestTokens.base64(it)).stream();
    }

    private String another(String payload) {
        return tokens.signed("", payload, "es256").split("\\.", -1)[2];
    }

    private static String middle(String part, String inserted) {
        int half = part.length() / 2;
        return part.substring(0, half) + inserted + part.substring(half);
    }

    private static String decoded(String text) {
        return ENCODED.matcher(text).replaceAll(found -> character(found.group(1)));
    }

    private static String character(String hex) {
        return Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(hex, 16)));
    }
}
