package dev.portcullis.certs;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One folder of certificates to try Portcullis with: an authority, a server, a client, a client
 * that was revoked, and the list that says so.
 *
 * <p>Every subject carries the organisation {@value #ORGANISATION}, by which production recognises
 * and refuses them. The authority is bound to the server's names (RFC 5280 §4.2.1.10), so that
 * trusting it in a browser puts nothing else at risk. All is P-256, PEM, and good for 30 days.
 *
 * @param directory mode 0700, every file in it 0600
 */
public record DevelopmentCertificates(Path directory) {

    /** The organisation in every subject; production refuses to start on it. */
    public static final String ORGANISATION = "Portcullis development";

    /** What the client certificates call their holder, as an e-mail subject alternative name. */
    public static final String CLIENT = "alice@example.com";

    /** How long what is made is good. */
    public static final Duration VALIDITY = Duration.ofDays(30);

    private static final List<String> ALWAYS = List.of("localhost", "127.0.0.1", "::1");

    /** What remains must last a working day, else all is made anew. */
    private static final Duration LEAST_LEFT = Duration.ofDays(1);

    /**
     * Makes the folder's certificates, or keeps those that are there if they are complete, valid
     * for another day and made for all of these names.
     *
     * @param names host names and IP literals of the server, besides localhost, 127.0.0.1 and ::1
     * @throws IOException if the folder cannot be made, read or written
     */
    public static DevelopmentCertificates create(Path directory, List<String> names, Clock clock)
            throws IOException {
        var certificates = new DevelopmentCertificates(directory);
        var all = new LinkedHashSet<>(ALWAYS);
        names.forEach(name -> all.add(name.toLowerCase(Locale.ROOT)));
        var files = new PemFolder(directory);
        if (!certificates.serve(all, clock.instant())) {
            try {
                new DevelopmentAuthority(all, clock.instant(), VALIDITY).writeTo(files);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java cannot make P-256 certificates", e);
            }
        }
        return certificates;
    }

    /** The authority: what clients of the server must trust. */
    public Path authority() {
        return directory.resolve("ca.crt");
    }

    /** The server's certificate. */
    public Path server() {
        return directory.resolve("server.crt");
    }

    /** The server's key, PKCS#8. */
    public Path serverKey() {
        return directory.resolve("server.key");
    }

    /** A client's certificate, for {@value #CLIENT}. */
    public Path client() {
        return directory.resolve("client.crt");
    }

    /** The client's key, PKCS#8. */
    public Path clientKey() {
        return directory.resolve("client.key");
    }

    /** Another certificate for {@value #CLIENT}, which the revocation list names. */
    public Path revokedClient() {
        return directory.resolve("revoked-client.crt");
    }

    /** The revoked client's key, PKCS#8. */
    public Path revokedClientKey() {
        return directory.resolve("revoked-client.key");
    }

    /** The revocation list of the authority. */
    public Path revocations() {
        return directory.resolve("clients.crl");
    }

    /**
     * The server's public key as Chromium's {@code --ignore-certificate-errors-spki-list} wants it:
     * SHA-256 of the SubjectPublicKeyInfo, in Base64.
     *
     * @throws IOException if the certificate cannot be read
     */
    public String serverKeyHash() throws IOException {
        try {
            var key = certificate(server()).getPublicKey();
            var digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private boolean serve(Set<String> names, Instant now) {
        try {
            var authority = certificate(authority());
            for (var leaf : List.of(server(), client(), revokedClient())) {
                certificate(leaf).verify(authority.getPublicKey());
                if (!lasts(certificate(leaf).getNotAfter().toInstant(), now)) {
                    return false;
                }
            }
            var revocations = revocationList();
            revocations.verify(authority.getPublicKey());
            return lasts(authority.getNotAfter().toInstant(), now)
                    && lasts(revocations.getNextUpdate().toInstant(), now)
                    && names.stream()
                            .map(DevelopmentCertificates::canonical)
                            .collect(Collectors.toSet())
                            .equals(namesOf(certificate(server())))
                    && PemFolder.allPresent(serverKey(), clientKey(), revokedClientKey());
        } catch (IOException | GeneralSecurityException e) {
            return false; // Absent, cut short or not ours: made anew.
        }
    }

    private static boolean lasts(Instant end, Instant now) {
        return end.isAfter(now.plus(LEAST_LEFT));
    }

    private static Set<String> namesOf(X509Certificate server) throws GeneralSecurityException {
        @Nullable Collection<List<?>> names = server.getSubjectAlternativeNames();
        return names == null
                ? Set.of()
                : names.stream()
                        .map(name -> canonical(String.valueOf(name.get(1))))
                        .collect(Collectors.toSet());
    }

    /** One spelling per address, so that {@code ::1} equals {@code 0:0:0:0:0:0:0:1}. */
    private static String canonical(String name) {
        try {
            return InetAddress.ofLiteral(name).getHostAddress();
        } catch (IllegalArgumentException e) {
            return name; // A host name.
        }
    }

    private static X509Certificate certificate(Path file) throws IOException {
        try (var in = PemFolder.open(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": not a certificate (expected: PEM, X.509)", e);
        }
    }

    private X509CRL revocationList() throws IOException {
        try (var in = PemFolder.open(revocations())) {
            return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    revocations() + ": not a revocation list (expected: PEM, X.509)", e);
        }
    }
}
