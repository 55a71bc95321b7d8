package dev.portcullis.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import dev.portcullis.identity.SignatureAlgorithm.Family;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one published key (RFC 7517 §4) and leaves out what must not verify a signature: keys for
 * other uses, weak ones, secret ones, and private ones that an issuer published by mistake.
 */
final class PublishedKey {
    private static final int RSA_BITS_MIN = 2048; // RFC 7518 §3.3
    private static final int RSA_BITS_MAX = 8192; // What one check may cost us.
    private static final int RSA_EXPONENT_BITS_MAX = 33;

    /** What stands before the 32 bytes in a SubjectPublicKeyInfo (RFC 8410 §4). */
    private static final byte[] ED25519_PREFIX =
            HexFormat.of().parseHex("302a300506032b6570032100");

    private PublishedKey() {}

    /** The key, if it may verify signatures. */
    static Optional<SigningKey> usable(JsonObject jwk) {
        if (jwk.has("d") || jwk.has("k") || !isForVerifying(jwk)) {
            return Optional.empty();
        }
        boolean misspelt =
                (jwk.has("kid") && jwk.text("kid") == null)
                        || (jwk.has("alg") && jwk.text("alg") == null);
        var family = familyOf(jwk);
        if (misspelt || family == null) {
            return Optional.empty();
        }
        try {
            var key = publicKey(jwk, family);
            return key.map(it -> new SigningKey(jwk.text("kid"), family, jwk.text("alg"), it));
        } catch (GeneralSecurityException
                | JOSEException
                | IllegalArgumentException
                | IllegalStateException _) {
            return Optional.empty(); // Such as a point that is not on its curve.
        }
    }

    /** RFC 7517 §4.2 and §4.3: where the issuer says what a key is for, it is for nothing else. */
    private static boolean isForVerifying(JsonObject jwk) {
        if (jwk.has("use") && !"sig".equals(jwk.text("use"))) {
            return false;
        }
        if (!jwk.has("key_ops")) {
            return true;
        }
        var operations = jwk.texts("key_ops");
        return operations != null && operations.contains("verify");
    }

    private static @Nullable Family familyOf(JsonObject jwk) {
        var curve = jwk.text("crv");
        return switch (jwk.text("kty")) {
            case "RSA" -> Family.RSA;
            case "EC" ->
                    switch (curve) {
                        case "P-256" -> Family.P_256;
                        case "P-384" -> Family.P_384;
                        case "P-521" -> Family.P_521;
                        case null, default -> null;
                    };
            case "OKP" -> "Ed25519".equals(curve) ? Family.ED25519 : null;
            case null, default -> null;
        };
    }

    private static Optional<PublicKey> publicKey(JsonObject jwk, Family family)
            throws GeneralSecurityException, JOSEException {
        return switch (family) {
            case RSA -> rsa(jwk);
            case P_256 -> curve(jwk, Curve.P_256);
            case P_384 -> curve(jwk, Curve.P_384);
            case P_521 -> curve(jwk, Curve.P_521);
            case ED25519 -> ed25519(jwk);
        };
    }

    private static Optional<PublicKey> rsa(JsonObject jwk) throws GeneralSecurityException {
        var modulus = new BigInteger(1, bytes(jwk, "n"));
        var exponent = new BigInteger(1, bytes(jwk, "e"));
        boolean sound =
                modulus.bitLength() >= RSA_BITS_MIN
                        && modulus.bitLength() <= RSA_BITS_MAX
                        && exponent.testBit(0) // The JDK refuses 1.
                        && exponent.bitLength() <= RSA_EXPONENT_BITS_MAX;
        if (!sound) {
            return Optional.empty();
        }
        var spec = new RSAPublicKeySpec(modulus, exponent);
        return Optional.of(KeyFactory.getInstance("RSA").generatePublic(spec));
    }

    /** The builder refuses a point that is not on the curve. */
    private static Optional<PublicKey> curve(JsonObject jwk, Curve curve) throws JOSEException {
        var x = Base64URL.encode(bytes(jwk, "x"));
        var y = Base64URL.encode(bytes(jwk, "y"));
        return Optional.of(new ECKey.Builder(curve, x, y).build().toECPublicKey());
    }

    private static Optional<PublicKey> ed25519(JsonObject jwk) throws GeneralSecurityException {
        var point = bytes(jwk, "x"); // The prefix says how long it must be.
        var encoded = new byte[ED25519_PREFIX.length + point.length];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(point, 0, encoded, ED25519_PREFIX.length, point.length);
        var spec = new X509EncodedKeySpec(encoded);
        return Optional.of(KeyFactory.getInstance("Ed25519").generatePublic(spec));
    }

    private static byte[] bytes(JsonObject jwk, String name) {
        var text = jwk.text(name);
        if (text == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return Base64.getUrlDecoder().decode(text);
    }
}
