package dev.portcullis.bench.endings;

import dev.portcullis.bench.rig.Wire;
import dev.portcullis.certs.DevelopmentCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;

/** The files of the sidecar under test, and how an operator changes them: each by a rename. */
final class SidecarFiles {
    final Path folder = Files.createTempDirectory("portcullis-endings");
    final Clients clients = new Clients();
    private final int port;
    private final int gatewayPort;
    private final People people;
    private final List<DevelopmentCertificates> certificates;

    /**
     * @param port where the sidecar is to listen
     */
    SidecarFiles(int port, int gatewayPort, People people)
            throws IOException, GeneralSecurityException {
        this.port = port;
        this.gatewayPort = gatewayPort;
        this.people = people;
        certificates = List.of(newCertificates("one"), newCertificates("other"));
        certificate(0);
        Files.writeString(folder.resolve("clients.crt"), clients.pem());
        revoke(List.of());
    }

    Path configuration() {
        return folder.resolve("portcullis.yaml");
    }

    Path log() {
        return folder.resolve("log");
    }

    /** Puts another configuration in place by a rename; the instant of it. */
    long configure(String configuration) throws IOException {
        var text =
                """
                listen: 127.0.0.1:%d
                public-origin: https://%s
                tls:
                  certificate: tls.crt
                  key: tls.key
                  client-auth: optional
                  client-ca: clients.crt
                  crl: clients.crl
                  insecure-development-certificates: true
                client-certificates: { user: san-email }
                gateway:
                  address: 127.0.0.1:%d
                  user-header: x-sidecar-user-6f1d0c5a9be248376f1d0c5a9be24837
                tokens:
                  - { issuer: %s, audience: %s, insecure-http-issuer: true }
                rate-limits:
                  address: { rate: 10000/s, burst: 100000 }
                  user: { rate: 10000/s, burst: 100000 }
                state: { directory: state }
                audit: { directory: audit }
                admin: { listen: 127.0.0.1:0 }
                %s
                """
                        .formatted(
                                port,
                                Wire.HOST,
                                gatewayPort,
                                people.uri(),
                                People.AUDIENCE,
                                configuration);
        return rename(Files.writeString(folder.resolve("next.yaml"), text), "portcullis.yaml");
    }

    /** The sign-in block. */
    static String signIn(People people, String idle, String absolute) {
        return """
        sign-in:
          issuer: %s
          insecure-http-issuer: true
          client-id: %s
          client-secret: %s
          idle: %s
          absolute: %s
        """
                .formatted(people.uri(), People.CLIENT, People.SECRET, idle, absolute);
    }

    private DevelopmentCertificates newCertificates(String name) throws IOException {
        return DevelopmentCertificates.create(
                folder.resolve(name), List.of(Wire.HOST), Clock.systemUTC());
    }

    /** What trusts either certificate. */
    TrustManagerFactory trusted() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (var one : certificates) {
            store.setCertificateEntry(one.directory().toString(), read(one.authority()));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static Certificate read(Path file) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** Puts a certificate and its key in place, each by a rename. */
    void certificate(int which) throws IOException {
        var from = certificates.get(which);
        rename(Files.copy(from.server(), folder.resolve("next.crt")), "tls.crt");
        var key =
                Files.copy(
                        from.serverKey(),
                        folder.resolve("next.key"),
                        StandardCopyOption.COPY_ATTRIBUTES);
        rename(key, "tls.key");
    }

    /** The certificate that {@link #certificate} puts in place. */
    Certificate certificateOf(int which) throws IOException, GeneralSecurityException {
        return read(certificates.get(which).server());
    }

    /** Puts a revocation list in place by a rename; the instant of it. */
    long revoke(List<X509Certificate> revoked) throws IOException, GeneralSecurityException {
        var list = Files.writeString(folder.resolve("next.crl"), clients.revocations(revoked));
        return rename(list, "clients.crl");
    }

    private long rename(Path next, String name) throws IOException {
        Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        return System.nanoTime();
    }

    /** Removes them all. */
    void delete() throws IOException {
        try (var left = Files.walk(folder)) {
            left.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }
}
