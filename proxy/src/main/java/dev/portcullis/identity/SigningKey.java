package dev.portcullis.identity;

import dev.portcullis.identity.SignatureAlgorithm.Family;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import org.jspecify.annotations.Nullable;

/**
 * One public key of an issuer that may verify signatures.
 *
 * @param keyId as the issuer spells it, or null
 * @param algorithm the only one it may be used with, or null for any of its family
 * @param publicKey compared by value, so that the same key after a refresh is the same
 */
record SigningKey(
        @Nullable String keyId, Family family, @Nullable String algorithm, PublicKey publicKey) {
    private static final int BITS_PER_BYTE = 8;

    /** Whether the key may be used with that algorithm (RFC 7517 §4.4, RFC 8725 §3.1). */
    boolean fits(SignatureAlgorithm wanted) {
        return family == wanted.family()
                && (algorithm == null || algorithm.equals(wanted.joseName()));
    }

    /** How long an RSA signature by this key is (RFC 8017 §8.2.2 step 1); 0 for other keys. */
    int modulusBytes() {
        return publicKey instanceof RSAPublicKey rsa
                ? (rsa.getModulus().bitLength() + BITS_PER_BYTE - 1) / BITS_PER_BYTE
                : 0;
    }
}
