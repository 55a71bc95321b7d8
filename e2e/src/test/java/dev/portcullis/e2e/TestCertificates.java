package dev.portcullis.e2e;

import dev.portcullis.certs.DevelopmentCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of one run: one authority, one server certificate for the door and for the
 * identity provider alike.
 */
final class TestCertificates {
    /** The door's public name. Nothing resolves it: clients are told the address. */
    static final String DOOR = "claw.example.com";

    private static @Nullable TestCertificates ofThisRun;

    private final DevelopmentCertificates made;
    private final SSLContext trusting;

    private TestCertificates(DevelopmentCertificates made, SSLContext trusting) {
        this.made = made;
        this.trusting = trusting;
    }

    /** Made once: doors take over new files at once, and tests run side by side. */
    static synchronized TestCertificates ofThisRun() throws IOException {
        if (ofThisRun == null) {
            ofThisRun = create();
        }
        return ofThisRun;
    }

    private static TestCertificates create() throws IOException {
        var made =
                DevelopmentCertificates.create(
                        Project.output("certificates"), List.of(DOOR), Clock.systemUTC());
        try (var in = Files.newInputStream(made.authority())) {
            return new TestCertificates(made, trusting(in));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static SSLContext trusting(InputStream authority)
            throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        var factory = CertificateFactory.getInstance("X.509");
        store.setCertificateEntry("ca", factory.generateCertificate(authority));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    DevelopmentCertificates files() {
        return made;
    }

    /** What a client that trusts the authority, and nothing else, connects with. */
    SSLContext trusting() {
        return trusting;
    }

    /** Chromium's name for the server's key. */
    String serverKeyHash() throws IOException {
        return made.serverKeyHash();
    }
}
