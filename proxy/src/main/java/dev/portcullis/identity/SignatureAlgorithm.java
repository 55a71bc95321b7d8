package dev.portcullis.identity;

import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The signature algorithms that can be configured (RFC 7518 §3.1, RFC 8037 §3.1). All asymmetric:
 * with a shared secret, whoever can verify can forge, and {@code none} is no algorithm.
 */
enum SignatureAlgorithm {
    RS256("RS256", "SHA256withRSA", Family.RSA, 0),
    RS384("RS384", "SHA384withRSA", Family.RSA, 0),
    RS512("RS512", "SHA512withRSA", Family.RSA, 0),
    PS256("PS256", "RSASSA-PSS", Family.RSA, 0, pss("SHA-256", MGF1ParameterSpec.SHA256, 32)),
    PS384("PS384", "RSASSA-PSS", Family.RSA, 0, pss("SHA-384", MGF1ParameterSpec.SHA384, 48)),
    PS512("PS512", "RSASSA-PSS", Family.RSA, 0, pss("SHA-512", MGF1ParameterSpec.SHA512, 64)),
    ES256("ES256", "SHA256withECDSAinP1363Format", Family.P_256, 64),
    ES384("ES384", "SHA384withECDSAinP1363Format", Family.P_384, 96),
    ES512("ES512", "SHA512withECDSAinP1363Format", Family.P_521, 132),
    EDDSA("EdDSA", "Ed25519", Family.ED25519, 64),
    ED25519("Ed25519", "Ed25519", Family.ED25519, 64); // RFC 9864 §2.2

    /** What kind of key an algorithm goes with. */
    enum Family {
        RSA,
        P_256,
        P_384,
        P_521,
        ED25519
    }

    private final String joseName;
    private final String jcaName;
    private final Family family;
    private final int signatureBytes;

    @SuppressWarnings("ImmutableEnumChecker") // PSSParameterSpec has no setters.
    private final @Nullable AlgorithmParameterSpec parameters;

    SignatureAlgorithm(String joseName, String jcaName, Family family, int signatureBytes) {
        this(joseName, jcaName, family, signatureBytes, null);
    }

    SignatureAlgorithm(
            String joseName,
            String jcaName,
            Family family,
            int signatureBytes,
            @Nullable AlgorithmParameterSpec parameters) {
        this.joseName = joseName;
        this.jcaName = jcaName;
        this.family = family;
        this.signatureBytes = signatureBytes;
        this.parameters = parameters;
    }

    /** The algorithm of exactly that JOSE name. */
    static Optional<SignatureAlgorithm> named(String joseName) {
        for (var algorithm : values()) {
            if (algorithm.joseName.equals(joseName)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /**
     * The algorithms of these names.
     *
     * @throws IllegalArgumentException for a name that is none: a setting that would have no effect
     */
    static Set<SignatureAlgorithm> allNamed(Collection<String> joseNames) {
        var all = EnumSet.noneOf(SignatureAlgorithm.class);
        for (var name : joseNames) {
            all.add(named(name).orElseThrow(() -> new IllegalArgumentException(unknown(name))));
        }
        return Collections.unmodifiableSet(all);
    }

    private static String unknown(String name) {
        return "algorithm " + name + " (expected: an asymmetric one that is known here)";
    }

    String joseName() {
        return joseName;
    }

    Family family() {
        return family;
    }

    /**
     * Whether the key made this signature over these bytes. The length counts, because Java takes
     * ECDSA numbers without their leading zeros: one signature would have two spellings.
     *
     * @param key that fits this algorithm
     */
    boolean verifies(SigningKey key, byte[] signed, byte[] signature) {
        if (signature.length != signatureLength(key)) {
            return false;
        }
        try {
            var verifier = Signature.getInstance(jcaName);
            if (parameters != null) {
                verifier.setParameter(parameters);
            }
            verifier.initVerify(key.publicKey());
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (GeneralSecurityException _) {
            return false; // Such as a signature that cannot be one; no reason to let it in.
        }
    }

    private int signatureLength(SigningKey key) {
        return family == Family.RSA ? key.modulusBytes() : signatureBytes;
    }

    private static PSSParameterSpec pss(String digest, MGF1ParameterSpec mask, int saltBytes) {
        return new PSSParameterSpec(digest, "MGF1", mask, saltBytes, 1);
    }
}
