package dev.portcullis.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.util.List;
import java.util.UUID;

/** The provider's signing keys: the newest signs, all are published. Any thread. */
final class SigningKeys {
    private static final int RSA_BITS = 2048;

    private final JWSAlgorithm algorithm;
    private volatile List<JWK> newestFirst;

    SigningKeys(JWSAlgorithm algorithm) {
        this.algorithm = algorithm;
        this.newestFirst = List.of(generate(algorithm));
    }

    /** Replaces the key, and publishes only the new one: what the old one signed is void. */
    void rotate() {
        newestFirst = List.of(generate(algorithm));
    }

    JWSAlgorithm algorithm() {
        return algorithm;
    }

    JWKSet published() {
        return new JWKSet(newestFirst).toPublicJWKSet();
    }

    boolean signed(SignedJWT token) {
        return newestFirst.getFirst().getKeyID().equals(token.getHeader().getKeyID());
    }

    /** An ID token as {@code behaviour} wants it. */
    String sign(JWTClaimsSet honest, Behaviour behaviour) {
        var own = newestFirst.getFirst();
        var header =
                new JWSHeader.Builder(algorithm)
                        .type(JOSEObjectType.JWT)
                        .keyID(own.getKeyID())
                        .build();
        var token = new SignedJWT(behaviour.header(header), behaviour.claims(honest));
        try {
            token.sign(signer(behaviour.signingKey(own)));
        } catch (JOSEException e) {
            throw new IllegalStateException("the key does not fit " + token.getHeader(), e);
        }
        return behaviour.idToken(token.serialize());
    }

    static JWK generate(JWSAlgorithm algorithm) {
        var id = UUID.randomUUID().toString();
        try {
            return JWSAlgorithm.Family.EC.contains(algorithm)
                    ? new ECKeyGenerator(Curve.forJWSAlgorithm(algorithm).iterator().next())
                            .keyID(id)
                            .keyUse(KeyUse.SIGNATURE)
                            .algorithm(algorithm)
                            .generate()
                    : new RSAKeyGenerator(RSA_BITS)
                            .keyID(id)
                            .keyUse(KeyUse.SIGNATURE)
                            .algorithm(algorithm)
                            .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("this Java cannot make a key for " + algorithm, e);
        }
    }

    private static JWSSigner signer(JWK key) throws JOSEException {
        return switch (key.getKeyType().getValue()) {
            case "EC" -> new ECDSASigner(key.toECKey());
            case "RSA" -> new RSASSASigner(key.toRSAKey());
            default -> new MACSigner(key.toOctetSequenceKey()); // a public key misused as secret
        };
    }
}
