package dev.portcullis.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The public key in the header of a proof (RFC 9449 §4.2).
 *
 * @param thumbprint SHA-256 of the key's required members (RFC 7638 §3), in base64url
 */
record ProofKey(SigningKey key, String thumbprint) {
    private static final int ED25519_BYTES = 32;

    /** Members of private keys; {@code d} and {@code k} are refused where keys are read. */
    private static final Set<String> PRIVATE = Set.of("p", "q", "dp", "dq", "qi", "oth");

    /** Null if there is none, it is weak, or it is not public only. */
    static @Nullable ProofKey of(JsonObject header) {
        if (!(header.get("jwk") instanceof JsonObject jwk) || PRIVATE.stream().anyMatch(jwk::has)) {
            return null;
        }
        return PublishedKey.usable(jwk).map(ProofKey::of).orElse(null);
    }

    private static @Nullable ProofKey of(SigningKey key) {
        try {
            return new ProofKey(key, jwk(key).computeThumbprint().toString());
        } catch (JOSEException _) {
            return null;
        }
    }

    /** Made from the key itself: however its members were spelled, the thumbprint is one. */
    private static JWK jwk(SigningKey key) {
        return switch (key.family()) {
            case RSA -> new RSAKey.Builder((RSAPublicKey) key.publicKey()).build();
            case P_256 -> elliptic(Curve.P_256, key);
            case P_384 -> elliptic(Curve.P_384, key);
            case P_521 -> elliptic(Curve.P_521, key);
            case ED25519 -> ed25519(key.publicKey().getEncoded());
        };
    }

    private static JWK elliptic(Curve curve, SigningKey key) {
        return new ECKey.Builder(curve, (ECPublicKey) key.publicKey()).build();
    }

    private static JWK ed25519(byte[] encoded) {
        var point = Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES, encoded.length);
        return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(point)).build();
    }
}
