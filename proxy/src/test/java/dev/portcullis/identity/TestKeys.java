package dev.portcullis.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keys of an issuer, made for one run, and signatures with them. */
final class TestKeys {
    private static final int NARROW_BYTES = 31;

    /** A nonce for ECDSA over P-256 whose point has an x that begins with a zero. */
    private static final BigInteger NONCE =
            new BigInteger("c2d0ad3c12239f4c84cf776c33469360c114bafd0f3e0a9501fad709d6f0bbe3", 16);

    private static final BigInteger NONCE_X =
            new BigInteger("87bfaa24cf21382584b3ddb4294f3736854176c14d441b4df1815eba428465", 16);

    final ECKey es256 = ec(Curve.P_256, "es256");
    final ECKey es384 = ec(Curve.P_384, "es384");
    final ECKey es512 = ec(Curve.P_521, "es512");
    final ECKey stranger = ec(Curve.P_256, "es256"); // The same name, never published.
    final RSAKey rsa = rsa(2048, "rsa");
    final RSAKey weak = rsa(1024, "weak");
    final KeyPair ed25519 = ed25519Pair();

    /** The public half of an elliptic or RSA key as JSON, with more members. */
    static String published(JWK key, String more) {
        var json = key.toPublicJWK().toJSONString();
        return more.isEmpty() ? json : json.substring(0, json.length() - 1) + ',' + more + '}';
    }

    /** The public half with nothing but what makes the key. */
    static String bare(JWK key) {
        return JSONObjectUtils.toJSONString(new TreeMap<String, Object>(key.getRequiredParams()));
    }

    /**
     * A recipe with the keys it names by a star filled in; {@code +} and a member in brackets add
     * that one.
     */
    String named(String recipe) {
        return recipe.replace("*stranger", bare(stranger))
                .replace("*private", stranger.toJSONString())
                .replace("*es256", bare(es256))
                .replace("*rsa", bare(rsa))
                .replace("*weak", bare(weak))
                .replaceAll("}\\+\\[([^]]*)]", ",$1}");
    }

    /** RFC 7638. */
    static String thumbprint(JWK key) {
        try {
            return key.computeThumbprint().toString();
        } catch (JOSEException failure) {
            throw new IllegalStateException(failure);
        }
    }

    String publishedEd25519() {
        var encoded = ed25519.getPublic().getEncoded();
        var x = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
        return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\",\"x\":\""
                + TestTokens.base64(x)
                + "\"}";
    }

    /** What that algorithm makes of the text with the key of that name. */
    byte[] sign(String with, String algorithm, String text) {
        try {
            return switch (with) {
                case "es256" -> jca("SHA256withECDSAinP1363Format", es256.toPrivateKey(), text);
                case "es256-der" -> jca("SHA256withECDSA", es256.toPrivateKey(), text);
                case "es384" -> jca("SHA384withECDSAinP1363Format", es384.toPrivateKey(), text);
                case "es512" -> jca("SHA512withECDSAinP1363Format", es512.toPrivateKey(), text);
                case "stranger" ->
                        jca("SHA256withECDSAinP1363Format", stranger.toPrivateKey(), text);
                case "rsa" -> rsa(algorithm, rsa.toPrivateKey(), text);
                case "weak" -> rsa(algorithm, weak.toPrivateKey(), text);
                case "ed" -> jca("Ed25519", ed25519.getPrivate(), text);
                case "hmac-of-rsa" -> hmac(rsa.toRSAPublicKey(), text);
                case "zeros" -> new byte[64];
                case "nothing" -> new byte[0];
                default -> throw new IllegalArgumentException(with);
            };
        } catch (GeneralSecurityException | JOSEException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /**
     * An ES256 signature of 62 bytes, whose numbers both begin with a zero that is left out; empty
     * if this text has none.
     */
    Optional<byte[]> narrow(String text) {
        try {
            var order = Curve.P_256.toECParameterSpec().getOrder();
            var digest = MessageDigest.getInstance("SHA-256");
            var hash = new BigInteger(1, digest.digest(text.getBytes(StandardCharsets.US_ASCII)));
            var s =
                    NONCE.modInverse(order)
                            .multiply(hash.add(NONCE_X.multiply(es256.getD().decodeToBigInteger())))
                            .mod(order);
            if (s.bitLength() > NARROW_BYTES * 8) {
                return Optional.empty();
            }
            var signature = Arrays.copyOf(fixed(NONCE_X), 2 * NARROW_BYTES);
            System.arraycopy(fixed(s), 0, signature, NARROW_BYTES, NARROW_BYTES);
            return Optional.of(signature);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] fixed(BigInteger number) {
        var bytes = number.toByteArray();
        var fixed = new byte[NARROW_BYTES];
        int length = Math.min(bytes.length, NARROW_BYTES);
        System.arraycopy(bytes, bytes.length - length, fixed, NARROW_BYTES - length, length);
        return fixed;
    }

    private static byte[] rsa(String algorithm, PrivateKey key, String text)
            throws GeneralSecurityException {
        if (!algorithm.startsWith("PS")) {
            return jca(algorithm.equals("RS384") ? "SHA384withRSA" : "SHA256withRSA", key, text);
        }
        var signature = Signature.getInstance("RSASSA-PSS");
        signature.setParameter(
                new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        return sign(signature, key, text);
    }

    private static byte[] jca(String name, PrivateKey key, String text)
            throws GeneralSecurityException {
        return sign(Signature.getInstance(name), key, text);
    }

    private static byte[] sign(Signature signature, PrivateKey key, String text)
            throws GeneralSecurityException {
        signature.initSign(key);
        signature.update(text.getBytes(StandardCharsets.US_ASCII));
        return signature.sign();
    }

    /** The classic confusion: the public key, which everybody has, as a shared secret. */
    private static byte[] hmac(RSAPublicKey key, String text) throws GeneralSecurityException {
        var pem =
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                        + "\n-----END PUBLIC KEY-----\n";
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(pem.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static ECKey ec(Curve curve, String keyId) {
        try {
            return new ECKeyGenerator(curve).keyID(keyId).generate();
        } catch (JOSEException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static RSAKey rsa(int bits, String keyId) {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            var pair = generator.generateKeyPair();
            return new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                    .privateKey(pair.getPrivate())
                    .keyID(keyId)
                    .build();
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static KeyPair ed25519Pair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
