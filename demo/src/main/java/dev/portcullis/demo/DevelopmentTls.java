package dev.portcullis.demo;

import dev.portcullis.certs.DevelopmentCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS with the development certificates, for servers and clients around Portcullis. */
public final class DevelopmentTls {
    private static final char[] NO_PASSWORD = {};

    private DevelopmentTls() {}

    /**
     * Proves to be the server.
     *
     * @throws IOException if the files cannot be read or are no P-256 certificate and key
     */
    public static SSLContext server(DevelopmentCertificates certificates) throws IOException {
        try {
            var store = emptyStore();
            store.setKeyEntry(
                    "server",
                    key(certificates.serverKey()),
                    NO_PASSWORD,
                    new Certificate[] {certificate(certificates.server())});
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, NO_PASSWORD);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(certificates.server() + ": no usable certificate and key", e);
        }
    }

    /**
     * Trusts the development authority and nobody else.
     *
     * @throws IOException if the file cannot be read or is no certificate
     */
    public static SSLContext client(DevelopmentCertificates certificates) throws IOException {
        try {
            var store = emptyStore();
            store.setCertificateEntry("authority", certificate(certificates.authority()));
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(certificates.authority() + ": no usable certificate", e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static Certificate certificate(Path file) throws GeneralSecurityException, IOException {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static PrivateKey key(Path file) throws GeneralSecurityException, IOException {
        var base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----|\\s", "");
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }
}
