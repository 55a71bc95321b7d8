package dev.portcullis.certs;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Signs one folder of development certificates, then forgets its key: nothing more can ever be
 * issued under an authority that somebody was asked to trust.
 */
final class DevelopmentAuthority {
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String SIGNATURE = "SHA256withECDSA";

    /** For clocks that run a little behind ours. */
    private static final Duration SKEW = Duration.ofMinutes(5);

    private final SecureRandom random = new SecureRandom();
    private final KeyPair keys;
    private final X509Certificate certificate;
    private final Set<String> names;
    private final Instant from;
    private final Instant until;

    DevelopmentAuthority(Set<String> names, Instant now, Duration validity)
            throws GeneralSecurityException, IOException {
        this.names = names;
        this.from = now.truncatedTo(ChronoUnit.SECONDS).minus(SKEW);
        this.until = now.truncatedTo(ChronoUnit.SECONDS).plus(validity);
        this.keys = newKeys();
        this.certificate = authority();
    }

    void writeTo(PemFolder folder) throws GeneralSecurityException, IOException {
        var server = newKeys();
        var client = newKeys();
        var revoked = newKeys();
        var holder = new GeneralName(GeneralName.rfc822Name, DevelopmentCertificates.CLIENT);
        var revokedCertificate =
                leaf(
                        DevelopmentCertificates.CLIENT,
                        revoked,
                        KeyPurposeId.id_kp_clientAuth,
                        holder);
        write(folder, "client", client, KeyPurposeId.id_kp_clientAuth, holder);
        writeKey(folder, "revoked-client", revoked);
        folder.write("revoked-client.crt", CERTIFICATE, revokedCertificate.getEncoded());
        folder.write("clients.crl", "X509 CRL", revocations(revokedCertificate));
        write(folder, "server", server, KeyPurposeId.id_kp_serverAuth, serverNames());
        folder.write("ca.crt", CERTIFICATE, certificate.getEncoded());
    }

    private void write(
            PemFolder folder, String name, KeyPair holder, KeyPurposeId use, GeneralName... names)
            throws GeneralSecurityException, IOException {
        var subject =
                use.equals(KeyPurposeId.id_kp_serverAuth)
                        ? "localhost"
                        : DevelopmentCertificates.CLIENT;
        writeKey(folder, name, holder);
        folder.write(name + ".crt", CERTIFICATE, leaf(subject, holder, use, names).getEncoded());
    }

    private static void writeKey(PemFolder folder, String name, KeyPair holder) throws IOException {
        folder.write(name + ".key", "PRIVATE KEY", holder.getPrivate().getEncoded());
    }

    private X509Certificate authority() throws GeneralSecurityException, IOException {
        var identifiers = new JcaX509ExtensionUtils();
        var subject = subject("Portcullis development CA " + from.truncatedTo(ChronoUnit.DAYS));
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
                identifiers.createSubjectKeyIdentifier(keys.getPublic()));
        builder.addExtension(
                Extension.nameConstraints, true, new NameConstraints(permitted(), null));
        return sign(builder);
    }

    private X509Certificate leaf(
            String name, KeyPair holder, KeyPurposeId use, GeneralName... names)
            throws GeneralSecurityException, IOException {
        var identifiers = new JcaX509ExtensionUtils();
        var builder =
                new JcaX509v3CertificateBuilder(
                        certificate,
                        serial(),
                        Date.from(from),
                        Date.from(until),
                        subject(name),
                        holder.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                identifiers.createSubjectKeyIdentifier(holder.getPublic()));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                identifiers.createAuthorityKeyIdentifier(keys.getPublic()));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        return sign(builder);
    }

    private byte[] revocations(X509Certificate revoked)
            throws GeneralSecurityException, IOException {
        var builder = new JcaX509v2CRLBuilder(certificate, Date.from(from));
        builder.setNextUpdate(Date.from(until));
        builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.ONE));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(keys.getPublic()));
        builder.addCRLEntry(revoked.getSerialNumber(), Date.from(from), CRLReason.keyCompromise);
        try {
            var signer = new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate());
            return builder.build(signer).getEncoded();
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
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

    private GeneralName[] serverNames() {
        return names.stream()
                .map(name ->
                        isAddress(name)
                                ? new GeneralName(GeneralName.iPAddress, name)
                                : new GeneralName(GeneralName.dNSName, name))
                .toArray(GeneralName[]::new);
    }

    private GeneralSubtree[] permitted() {
        return names.stream()
                .map(name ->
                        isAddress(name)
                                ? new GeneralName(GeneralName.iPAddress, exactly(name))
                                : new GeneralName(GeneralName.dNSName, name))
                .map(GeneralSubtree::new)
                .toArray(GeneralSubtree[]::new);
    }

    /** An address and a mask of ones, RFC 5280 §4.2.1.10. */
    private static DEROctetString exactly(String address) {
        var bytes = InetAddress.ofLiteral(address).getAddress();
        var subtree = Arrays.copyOf(bytes, 2 * bytes.length);
        Arrays.fill(subtree, bytes.length, subtree.length, (byte) 0xff);
        return new DEROctetString(subtree);
    }

    private static boolean isAddress(String name) {
        try {
            return !InetAddress.ofLiteral(name).getHostAddress().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static X500Principal subject(String name) {
        var parts = List.of("CN=\"" + name + "\"", "O=" + DevelopmentCertificates.ORGANISATION);
        return new X500Principal(String.join(", ", parts));
    }

    /** 127 random bits: RFC 5280 §4.1.2.2 wants positive, and at most 20 bytes. */
    private BigInteger serial() {
        return new BigInteger(127, random).setBit(126);
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
