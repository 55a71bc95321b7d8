package dev.portcullis.identity;

import dev.portcullis.runtime.Sha256;
import java.io.ByteArrayOutputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client presented in the TLS handshake, and holds the key of. Nobody has vouched for it
 * yet. One object for as long as a connection lives; compared by identity. Any thread.
 */
public final class ClientCertificate {
    private static final Duration BAD_FOR = Duration.ofSeconds(1); // Such as not yet valid.

    private final List<X509Certificate> chain;
    private final byte[] digest;
    private volatile @Nullable Judged judged;

    /** A verdict, by whom, and the time for which it holds. */
    private record Judged(
            ClientAuthority authority, CertificateVerdict verdict, Instant from, Instant until) {
        boolean holds(ClientAuthority asked, Instant now) {
            return authority == asked && !now.isBefore(from) && now.isBefore(until);
        }
    }

    private ClientCertificate(List<X509Certificate> chain, byte[] digest) {
        this.chain = List.copyOf(chain);
        this.digest = digest;
    }

    /**
     * A chain as the peer sent it.
     *
     * @param chain the client's own certificate first; not empty
     * @throws IllegalArgumentException if it is empty or cannot be encoded
     */
    public static ClientCertificate of(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("no certificate (expected: the client's own first)");
        }
        try {
            return new ClientCertificate(chain, Sha256.of(chain.getFirst().getEncoded()));
        } catch (CertificateEncodingException unreadable) {
            throw new IllegalArgumentException("a certificate without an encoding", unreadable);
        }
    }

    /** The client's own certificate first, then whatever it sent along. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** The client's own certificate. */
    public X509Certificate leaf() {
        return chain.getFirst();
    }

    /** The verdict of that authority, asked anew when the last one may hold no longer. */
    CertificateVerdict judgedBy(
            ClientAuthority authority, Instant now, Supplier<CertificateVerdict> anew) {
        var last = judged;
        if (last != null && last.holds(authority, now)) {
            return last.verdict();
        }
        var verdict = anew.get();
        var until =
                switch (verdict) {
                    case CertificateVerdict.Good good -> good.endsAt();
                    case CertificateVerdict.Bad _ -> now.plus(BAD_FOR);
                };
        judged = new Judged(authority, verdict, now, until);
        return verdict;
    }

    /** Names the whole chain as sent: SHA-256 of its certificates, 64 hexadecimal digits. */
    String chainDigest() {
        try {
            var all = new ByteArrayOutputStream();
            for (var one : chain) {
                all.writeBytes(one.getEncoded());
            }
            return HexFormat.of().formatHex(Sha256.of(all.toByteArray()));
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible); // They came encoded.
        }
    }

    /** SHA-256 of the client's own certificate. */
    byte[] digest() {
        return digest.clone();
    }

    /**
     * Names the certificate for the index of live connections, the audit and the configuration:
     * SHA-256 of it, 64 hexadecimal digits in lower case.
     */
    public String fingerprint() {
        return HexFormat.of().formatHex(digest);
    }

    @Override
    public String toString() {
        return "ClientCertificate[" + fingerprint() + "]";
    }
}
