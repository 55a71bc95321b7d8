package dev.portcullis.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/**
 * A certificate chain and its key, read from PEM files; the same reading for validation, start and
 * reload.
 *
 * @param chain leaf first
 * @param key belongs to the leaf
 */
public record ServerCertificate(List<X509Certificate> chain, PrivateKey key) {
    private static final int BYTES_MAX = 1024 * 1024;
    private static final byte[] PROBE = "portcullis".getBytes(StandardCharsets.US_ASCII);

    public ServerCertificate {
        chain = List.copyOf(chain);
    }

    /** What became of reading. */
    public sealed interface Result {}

    /** Both are right and belong together. */
    public record Usable(ServerCertificate certificate) implements Result {}

    /**
     * The certificates are wrong.
     *
     * @param found what is wrong with them
     */
    public record UnusableChain(String found) implements Result {}

    /**
     * The key is wrong.
     *
     * @param found what is wrong with it; nothing of the key
     */
    public record UnusableKey(String found) implements Result {}

    /** Never shows the key. */
    @Override
    public String toString() {
        return "ServerCertificate[" + chain.getFirst().getSubjectX500Principal() + "]";
    }

    /** The leaf's certificate. */
    public X509Certificate leaf() {
        return chain.getFirst();
    }

    /** Reads both files. Blocks; never on an event loop. */
    public static Result read(Path certificate, Path key) {
        var chain = authorities(certificate);
        if (chain.isEmpty()) {
            return new UnusableChain("a file that is not a chain of PEM certificates");
        }
        return privateKey(key)
                .<Result>map(found ->
                        belong(chain.getFirst().getPublicKey(), found)
                                ? new Usable(new ServerCertificate(chain, found))
                                : new UnusableKey("a key of another certificate"))
                .orElse(new UnusableKey("a file without an unencrypted PEM private key"));
    }

    /**
     * The certificates of a PEM file; empty if it holds anything else, nothing, or is unreadable.
     */
    static List<X509Certificate> authorities(Path file) {
        var certificates = new ArrayList<X509Certificate>();
        var converter = new JcaX509CertificateConverter();
        try (var pem = new PEMParser(Files.newBufferedReader(file, StandardCharsets.ISO_8859_1))) {
            for (@Nullable Object found = first(file, pem);
                    found != null;
                    found = pem.readObject()) {
                if (!(found instanceof X509CertificateHolder holder)) {
                    return List.of();
                }
                certificates.add(converter.getCertificate(holder));
            }
        } catch (IOException | GeneralSecurityException | RuntimeException _) {
            return List.of(); // Bouncy Castle throws unchecked on some malformed input.
        }
        return certificates;
    }

    /** The private key of a PEM file, unencrypted; empty if there is none. Blocks. */
    public static Optional<PrivateKey> privateKey(Path file) {
        var converter = new JcaPEMKeyConverter();
        try (var pem = new PEMParser(Files.newBufferedReader(file, StandardCharsets.ISO_8859_1))) {
            for (@Nullable Object found = first(file, pem);
                    found != null;
                    found = pem.readObject()) {
                if (found instanceof PrivateKeyInfo info) {
                    return Optional.of(converter.getPrivateKey(info));
                }
                if (found instanceof PEMKeyPair pair) {
                    return Optional.of(converter.getPrivateKey(pair.getPrivateKeyInfo()));
                }
            }
        } catch (IOException | RuntimeException _) {
            return Optional.empty(); // Says no more: what stands there may be a key.
        }
        return Optional.empty();
    }

    private static @Nullable Object first(Path file, PEMParser pem) throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException("more than 1 MiB");
        }
        return pem.readObject();
    }

    private static boolean belong(PublicKey certified, PrivateKey key) {
        var algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC", "ECDSA" -> "SHA256withECDSA";
                    default -> key.getAlgorithm(); // Ed25519 and its kind sign by their own name.
                };
        try {
            var signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }
}
