package dev.portcullis.identity;

import com.nimbusds.jose.jwk.JWK;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes tokens from short recipes. A recipe changes the members of a good header or payload: {@code
 * name=json} sets one, {@code -name} takes one out, {@code raw:…} replaces the whole text; several
 * are separated by {@code ;;}. In it {@code now+5} in braces is a time in seconds, {@code issuer}
 * in braces the issuer, a number in braces so many letters, and with an {@code x} behind it so many
 * times what follows.
 */
final class TestTokens {
    private static final String HOST = "claw.example.com";
    private static final Pattern TIME = Pattern.compile("\\{now([+-]\\d+(?:\\.\\d+)?)?\\}");

    private static final Pattern MANY = Pattern.compile("\\{(\\d+)(?:x([^}]*))?\\}");

    private final TestKeys keys;
    private final String issuer;
    private final InstantSource clock;
    private final String host;

    TestTokens(TestKeys keys, String issuer, Instant now) {
        this(keys, issuer, InstantSource.fixed(now), HOST);
    }

    /**
     * @param host that proofs are made for
     */
    TestTokens(TestKeys keys, String issuer, InstantSource clock, String host) {
        this.keys = keys;
        this.issuer = issuer;
        this.clock = clock;
        this.host = host;
    }

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** A good token. */
    String good() {
        return signed("", "", "es256");
    }

    /** A token by these recipes. */
    String signed(String header, String payload, String with) {
        var headerText = json(goodHeader(), header);
        var signedText = part(headerText) + '.' + part(json(goodPayload(), payload));
        return signedText + '.' + base64(keys.sign(with, algorithm(headerText), signedText));
    }

    /**
     * A proof for {@code GET https://claw.example.com/a} by these recipes, and the token it goes
     * with.
     */
    String proof(String header, String payload, String with, String token) {
        var goodHeader = new LinkedHashMap<String, String>();
        goodHeader.put("typ", "\"dpop+jwt\"");
        goodHeader.put("alg", "\"ES256\"");
        goodHeader.put("jwk", TestKeys.bare(keys.stranger));
        var goodPayload = new LinkedHashMap<String, String>();
        goodPayload.put("jti", "\"" + UUID.randomUUID() + '"');
        goodPayload.put("htm", "\"GET\"");
        goodPayload.put("htu", "\"https://claw.example.com/a\"");
        goodPayload.put("iat", "{now}");
        goodPayload.put("ath", '"' + sha256(token) + '"');
        var headerText = json(goodHeader, keys.named(header));
        var signedText = part(headerText) + '.' + part(json(goodPayload, payload));
        return signedText + '.' + base64(keys.sign(with, algorithm(headerText), signedText));
    }

    /** A good token that is bound to the key of good proofs. */
    String bound() {
        return bound(keys.stranger);
    }

    String bound(JWK key) {
        return signed("", "cnf={\"jkt\":\"" + TestKeys.thumbprint(key) + "\"}", "es256");
    }

    static String sha256(String text) {
        try {
            return base64(
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String algorithm(String header) {
        return Stream.of("PS256", "RS384")
                .filter(name -> header.contains('"' + name + '"'))
                .findFirst()
                .orElse("");
    }

    private static Map<String, String> goodHeader() {
        var header = new LinkedHashMap<String, String>();
        header.put("alg", "\"ES256\"");
        header.put("typ", "\"at+jwt\"");
        header.put("kid", "\"es256\"");
        return header;
    }

    private static Map<String, String> goodPayload() {
        var payload = new LinkedHashMap<String, String>();
        payload.put("iss", "\"{issuer}\"");
        payload.put("aud", "\"portcullis-api\"");
        payload.put("sub", "\"8d7c\"");
        payload.put("email", "\"alice@example.com\"");
        payload.put("email_verified", "true");
        payload.put("iat", "{now-10}");
        payload.put("exp", "{now+300}");
        return payload;
    }

    private String json(Map<String, String> members, String recipe) {
        String text;
        if (recipe.startsWith("raw:")) {
            text = recipe.substring(4);
        } else {
            for (var change : recipe.split(";;", -1)) {
                apply(members, change.strip());
            }
            text =
                    members.entrySet().stream()
                            .map(member -> '"' + member.getKey() + "\":" + member.getValue())
                            .collect(Collectors.joining(",", "{", "}"));
        }
        return filled(text);
    }

    private static void apply(Map<String, String> members, String change) {
        int equals = change.indexOf('=');
        if (change.startsWith("-")) {
            members.remove(change.substring(1));
        } else if (equals > 0) {
            members.put(change.substring(0, equals), change.substring(equals + 1));
        }
    }

    private String filled(String text) {
        var withIssuer =
                MANY.matcher(text.replace("{issuer}", issuer).replace(HOST, host))
                        .replaceAll(found -> many(found.group(1), found.group(2)));
        return TIME.matcher(withIssuer)
                .replaceAll(found -> Matcher.quoteReplacement(time(found.group(1))));
    }

    private static String many(String count, @Nullable String what) {
        return Objects.requireNonNullElse(what, "a").repeat(Integer.parseInt(count));
    }

    private String time(@Nullable String offset) {
        long now = clock.instant().getEpochSecond();
        return offset == null
                ? String.valueOf(now)
                : new BigDecimal(offset).add(BigDecimal.valueOf(now)).toPlainString();
    }

    /** {@code \xNN} stands for a byte, so that a recipe can break UTF-8. */
    private static String part(String text) {
        var bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("\\x", at)) {
                bytes.write(Integer.parseInt(text.substring(at + 2, at + 4), 16));
                at += 4;
            } else {
                int character = text.codePointAt(at);
                bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
                at += Character.charCount(character);
            }
        }
        return base64(bytes.toByteArray());
    }
}
