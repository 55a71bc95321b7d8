package dev.portcullis.bench.endings;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
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
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** The authority of client certificates, and its revocation list. */
final class Clients {
    private static final Duration VALIDITY = Duration.ofDays(1);

    private final KeyPair keys = newKeys();
    private final X509Certificate authority;
    private long serial = 1;

    /** A certificate with its key. */
    record Holder(X509Certificate certificate, KeyPair keys) {}

    Clients() throws GeneralSecurityException {
        var name = new X500Principal("CN=Clients of the benchmark");
        authority = sign(name, keys, new BasicConstraints(0), KeyUsage.keyCertSign, null);
    }

    /** What {@code tls.client-ca} is to have. */
    String pem() throws GeneralSecurityException {
        return pem("CERTIFICATE", authority.getEncoded());
    }

    /** A certificate of a person, named by an address. */
    Holder holder(String user) throws GeneralSecurityException {
        var own = newKeys();
        var name = new GeneralName(GeneralName.rfc822Name, user);
        var subject = new X500Principal("CN=" + user);
        var none = new BasicConstraints(false);
        return new Holder(sign(subject, own, none, KeyUsage.digitalSignature, name), own);
    }

    /** What {@code tls.crl} is to have once those are revoked. */
    String revocations(List<X509Certificate> revoked) throws GeneralSecurityException {
        try {
            var now = Instant.now();
            var list = new JcaX509v2CRLBuilder(authority, Date.from(now.minusSeconds(60)));
            list.setNextUpdate(Date.from(now.plus(VALIDITY)));
            for (var one : revoked) {
                list.addCRLEntry(one.getSerialNumber(), Date.from(now), CRLReason.keyCompromise);
            }
            return pem("X509 CRL", list.build(signer()).getEncoded());
        } catch (OperatorCreationException | IOException unable) {
            throw new GeneralSecurityException(unable);
        }
    }

    private X509Certificate sign(
            X500Principal subject,
            KeyPair of,
            BasicConstraints constraints,
            int usage,
            @Nullable GeneralName name)
            throws GeneralSecurityException {
        try {
            var now = Instant.now();
            var certificate =
                    new JcaX509v3CertificateBuilder(
                            new X500Principal("CN=Clients of the benchmark"),
                            BigInteger.valueOf(serial++),
                            Date.from(now.minusSeconds(60)),
                            Date.from(now.plus(VALIDITY)),
                            subject,
                            of.getPublic());
            certificate.addExtension(Extension.basicConstraints, true, constraints);
            int all = name == null ? usage | KeyUsage.cRLSign : usage;
            certificate.addExtension(Extension.keyUsage, true, new KeyUsage(all));
            if (name != null) {
                certificate.addExtension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
                certificate.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(name));
            }
            return new JcaX509CertificateConverter().getCertificate(certificate.build(signer()));
        } catch (OperatorCreationException | IOException unable) {
            throw new GeneralSecurityException(unable);
        }
    }

    private ContentSigner signer() throws OperatorCreationException {
        return new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static String pem(String type, byte[] der) {
        var text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
    }
}
