package dev.portcullis.identity;

import com.nimbusds.jwt.SignedJWT;
import dev.portcullis.fuzz.Finding;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Base64;

/**
 * Tokens before any key is asked: a form that we let through is one that the library reads too, and
 * reads alike. Inputs are three lines, header, payload and signature, or one line as it stands.
 */
public final class TokenFuzz {
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    /** A shorter signature may stand by chance in any text: {@code Jw} does in a class's name. */
    private static final int TELLING_LENGTH = 16;

    private TokenFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) throws ParseException {
        var compact = compact(new String(input, StandardCharsets.ISO_8859_1));
        if (!(UnverifiedJwt.parse(compact) instanceof UnverifiedJwt.Wellformed(var token))) {
            return;
        }
        if (SignatureAlgorithm.named(token.algorithm()).isEmpty()) {
            return; // No key fits it, and the library may know it as another kind of algorithm.
        }
        var theirs = SignedJWT.parse(compact);
        Finding.unlessEqual(token.algorithm(), theirs.getHeader().getAlgorithm().getName(), "alg");
        Finding.unlessEqual(
                String.valueOf(token.keyId()),
                String.valueOf(theirs.getHeader().getKeyID()),
                "kid");
        var subject = token.claims().text("sub");
        if (subject != null) {
            Finding.unlessEqual(
                    subject, String.valueOf(theirs.getPayload().toJSONObject().get("sub")), "sub");
        }
        var signature = compact.substring(compact.lastIndexOf('.') + 1);
        Finding.unless(
                signature.length() < TELLING_LENGTH || !token.toString().contains(signature),
                "a token prints itself");
    }

    private static String compact(String text) {
        var lines = text.split("\n", 3);
        if (lines.length < 3) {
            return text;
        }
        return encoded(lines[0]) + "." + encoded(lines[1]) + "." + encoded(lines[2]);
    }

    private static String encoded(String line) {
        return BASE64URL.encodeToString(line.getBytes(StandardCharsets.ISO_8859_1));
    }
}
