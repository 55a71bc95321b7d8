package dev.portcullis.e2e;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs what the development certificates do not have: for other people, with other ends. */
final class TestAuthority {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final char[] NO_PASSWORD = new char[0];

    private final KeyPair keys;
    private final Instant from = Instant.now().minus(Duration.ofDays(2));
    private final Instant until = Instant.now().plus(Duration.ofDays(2));
    private final X509Certificate certificate;

    /** Somebody's certificate and its key. */
    record Holder(X509Certificate certificate, KeyPair keys) {
        /** Puts both in place, each at once. */
        void writeTo(Path certificateFile, Path keyFile) throws IOException {
            put(keyFile, TestAuthority.pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
            put(certificateFile, TestAuthority.pem(certificate));
        }
    }

    TestAuthority(String name) throws GeneralSecurityException, IOException {
        keys = newKeys();
        var subject = new X500Principal("CN=" + name);
        var builder =
                new JcaX509v3CertificateBuilder(
                        subject,
                        serial(),
                        Date.from(from),
                        Date.from(until),
                        subject,
                        keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
        certificate = sign(builder);
    }

    /** For a server of the door's name, on this host. */
    Holder server() throws GeneralSecurityException, IOException {
        return server(until);
    }

    Holder server(Instant end) throws GeneralSecurityException, IOException {
        return leaf(
                KeyPurposeId.id_kp_serverAuth,
                end,
                new GeneralName(GeneralName.dNSName, TestCertificates.DOOR),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    }

    Holder client(String mail) throws GeneralSecurityException, IOException {
        return client(mail, until);
    }

    Holder client(String mail, Instant end) throws GeneralSecurityException, IOException {
        return leaf(
                KeyPurposeId.id_kp_clientAuth, end, new GeneralName(GeneralName.rfc822Name, mail));
    }

    private Holder leaf(KeyPurposeId use, Instant end, GeneralName... names)
            throws GeneralSecurityException, IOException {
        var holder = newKeys();
        var identifiers = new JcaX509ExtensionUtils();
        var builder =
                new JcaX509v3CertificateBuilder(
                        certificate,
                        serial(),
                        Date.from(from),
                        Date.from(end),
                        new X500Principal("CN=leaf"),
                        holder.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                identifiers.createAuthorityKeyIdentifier(keys.getPublic()));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        return new Holder(sign(builder), holder);
    }

    private X509Certificate sign(JcaX509v3CertificateBuilder builder)
            throws GeneralSecurityException {
        try {
            var signer = new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    /** The list of those, as PEM. */
    String revocations(Holder... revoked) throws GeneralSecurityException, IOException {
        var builder = new JcaX509v2CRLBuilder(certificate, Date.from(from));
        builder.setNextUpdate(Date.from(until));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(keys.getPublic()));
        for (var one : revoked) {
            builder.addCRLEntry(
                    one.certificate().getSerialNumber(), Date.from(from), CRLReason.keyCompromise);
        }
        try {
            var signer = new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate());
            return pem("X509 CRL", builder.build(signer).getEncoded());
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    String pem() {
        return pem(certificate);
    }

    /** What trusts this authority and shows nothing. */
    SSLContext trusting() throws GeneralSecurityException, IOException {
        return context(null);
    }

    /** What trusts this authority and shows who that is, or is that server. */
    SSLContext showing(Holder holder) throws GeneralSecurityException, IOException {
        var store = empty();
        var chain = new X509Certificate[] {holder.certificate()};
        store.setKeyEntry("own", holder.keys().getPrivate(), NO_PASSWORD, chain);
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(store, NO_PASSWORD);
        return context(own);
    }

    private SSLContext context(@org.jspecify.annotations.Nullable KeyManagerFactory own)
            throws GeneralSecurityException, IOException {
        var store = empty();
        store.setCertificateEntry("authority", certificate);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(own == null ? null : own.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    /** Writes a file beside it and renames that into place, for the owner alone. */
    static void put(Path file, String text) throws IOException {
        var next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text);
        Files.setPosixFilePermissions(
                next, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN "
                + type
                + "-----\n"
                + Base64.getMimeEncoder().encodeToString(der)
                + "\n-----END "
                + type
                + "-----\n";
    }

    private static BigInteger serial() {
        return new BigInteger(127, new SecureRandom()).setBit(126);
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new java.security.spec.ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
