package dev.portcullis.testing;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority for client certificates, good ones and every kind of bad one. */
public final class TestAuthority {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final Duration LONG = Duration.ofDays(10);

    private final KeyPair keys;
    private final X509Certificate certificate;
    private final List<X509Certificate> above;
    private final Instant now;

    private TestAuthority(
            KeyPair keys, X509Certificate certificate, List<X509Certificate> above, Instant now) {
        this.keys = keys;
        this.certificate = certificate;
        this.above = above;
        this.now = now;
    }

    /** A self-signed one to be made. */
    public static Root root(String name) {
        return new Root(new X500Principal("CN=" + name), LONG, null, null);
    }

    /** What a self-signed authority is to be like. */
    public record Root(
            X500Principal name, Duration lasts, Integer pathLength, String permittedMail) {
        public Root lasting(Duration time) {
            return new Root(name, time, pathLength, permittedMail);
        }

        public Root with(Integer length, String mailDomain) {
            return new Root(name, lasts, length, mailDomain);
        }

        /** Good from yesterday on, by the real clock. */
        public TestAuthority now() {
            return at(Instant.now());
        }

        public TestAuthority at(Instant now) {
            var keys = newKeys();
            var certificate =
                    signed(
                            name,
                            keys,
                            name,
                            keys,
                            now.minus(Duration.ofDays(1)),
                            now.plus(lasts),
                            builder -> {
                                authority(builder, pathLength);
                                if (permittedMail != null) {
                                    permit(builder, permittedMail);
                                }
                            });
            return new TestAuthority(keys, certificate, List.of(), now);
        }
    }

    /** One below this one, allowed to issue. */
    public TestAuthority between(String name, KeyPurposeId only) {
        var below = newKeys();
        var subject = new X500Principal("CN=" + name);
        var issued =
                signed(
                        certificate.getSubjectX500Principal(),
                        keys,
                        subject,
                        below,
                        now.minus(Duration.ofDays(1)),
                        now.plus(LONG),
                        builder -> {
                            authority(builder, null);
                            if (only != null) {
                                builder.addExtension(
                                        Extension.extendedKeyUsage,
                                        false,
                                        new ExtendedKeyUsage(only));
                            }
                        });
        var chain = new ArrayList<>(List.of(certificate));
        chain.addAll(above);
        return new TestAuthority(below, issued, chain, now);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** This authority's certificate, and those above it. */
    public List<X509Certificate> chain() {
        var chain = new ArrayList<>(List.of(certificate));
        chain.addAll(above);
        return chain;
    }

    public String pem() {
        return pem(certificate);
    }

    /** A good client certificate for that e-mail address. */
    public X509Certificate client(String mail) {
        return leaf().names(new GeneralName(GeneralName.rfc822Name, mail)).certificate();
    }

    /** A client's certificate to be made: good in everything, but names nobody. */
    public Leaf leaf() {
        return new Leaf();
    }

    /** What a client's certificate is to be like. */
    public final class Leaf {
        private final KeyPair client = newKeys();
        private X500Principal subject = new X500Principal("CN=client");
        private Instant from = now.minus(Duration.ofHours(1));
        private Instant until = now.plus(Duration.ofDays(5));
        private KeyPurposeId[] uses = {KeyPurposeId.id_kp_clientAuth};
        private int keyUsage = KeyUsage.digitalSignature;
        private boolean authority;
        private GeneralName[] names = {};

        public Leaf subject(X500Principal value) {
            subject = value;
            return this;
        }

        public Leaf from(Instant instant) {
            from = instant;
            return this;
        }

        public Leaf until(Instant instant) {
            until = instant;
            return this;
        }

        public Leaf uses(KeyPurposeId... value) {
            uses = value;
            return this;
        }

        public Leaf keyUsage(int value) {
            keyUsage = value;
            return this;
        }

        public Leaf alsoAuthority() {
            authority = true;
            return this;
        }

        public Leaf names(GeneralName... value) {
            names = value;
            return this;
        }

        public X509Certificate certificate() {
            return signed(
                    certificate.getSubjectX500Principal(),
                    keys,
                    subject,
                    client,
                    from,
                    until,
                    builder -> {
                        builder.addExtension(
                                Extension.basicConstraints, true, new BasicConstraints(authority));
                        builder.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
                        if (uses.length > 0) {
                            builder.addExtension(
                                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(uses));
                        }
                        if (names.length > 0) {
                            builder.addExtension(
                                    Extension.subjectAlternativeName,
                                    false,
                                    new GeneralNames(names));
                        }
                    });
        }

        /** With its key, for a client. */
        public Identity identity() {
            var chain = new ArrayList<>(List.of(certificate()));
            chain.addAll(chain());
            return new Identity(chain, client.getPrivate());
        }
    }

    /** A certificate with its chain and its key. */
    public record Identity(List<X509Certificate> chain, PrivateKey key) {
        public X509Certificate certificate() {
            return chain.getFirst();
        }

        public KeyStore store() {
            try {
                var store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                store.setKeyEntry("client", key, new char[0], chain.toArray(Certificate[]::new));
                return store;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A revocation list to be made: empty, current, ours. */
    public Revocations revocations(X509Certificate... revoked) {
        return new Revocations(
                this,
                List.of(revoked),
                now.minus(Duration.ofHours(1)),
                now.plus(Duration.ofDays(1)));
    }

    /** What a revocation list is to be like. */
    public record Revocations(
            TestAuthority by, List<X509Certificate> revoked, Instant from, Instant until) {
        public Revocations from(Instant instant) {
            return new Revocations(by, revoked, instant, until);
        }

        /** Null for a list that never says when the next one comes. */
        public Revocations until(Instant instant) {
            return new Revocations(by, revoked, from, instant);
        }

        public X509CRL crl() {
            try {
                var builder = new JcaX509v2CRLBuilder(by.certificate, Date.from(from));
                if (until != null) {
                    builder.setNextUpdate(Date.from(until));
                }
                for (var one : revoked) {
                    builder.addCRLEntry(one.getSerialNumber(), Date.from(from), 1);
                }
                var signer = new JcaContentSignerBuilder(SIGNATURE).build(by.keys.getPrivate());
                return new JcaX509CRLConverter().getCRL(builder.build(signer));
            } catch (GeneralSecurityException | OperatorCreationException e) {
                throw new IllegalStateException(e);
            }
        }

        public String pem() {
            return TestAuthority.pem(crl());
        }
    }

    /** As PEM. */
    public static String pem(Object value) {
        try (var text = new StringWriter();
                var pem = new JcaPEMWriter(text)) {
            pem.writeObject(value);
            pem.flush();
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface More {
        void addTo(JcaX509v3CertificateBuilder builder) throws IOException;
    }

    private static void authority(JcaX509v3CertificateBuilder builder, Integer pathLength)
            throws IOException {
        builder.addExtension(
                Extension.basicConstraints,
                true,
                pathLength == null ? new BasicConstraints(true) : new BasicConstraints(pathLength));
        builder.addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    }

    private static void permit(JcaX509v3CertificateBuilder builder, String mailDomain)
            throws IOException {
        var tree = new GeneralSubtree(new GeneralName(GeneralName.rfc822Name, mailDomain));
        builder.addExtension(
                new ASN1ObjectIdentifier("2.5.29.30"),
                true,
                new NameConstraints(new GeneralSubtree[] {tree}, null));
    }

    private static X509Certificate signed(
            X500Principal issuer,
            KeyPair by,
            X500Principal subject,
            KeyPair holder,
            Instant from,
            Instant until,
            More more) {
        try {
            var builder =
                    new JcaX509v3CertificateBuilder(
                            issuer,
                            new BigInteger(100, new SecureRandom()),
                            Date.from(from.truncatedTo(ChronoUnit.SECONDS)),
                            Date.from(until.truncatedTo(ChronoUnit.SECONDS)),
                            subject,
                            holder.getPublic());
            more.addTo(builder);
            var signer = new JcaContentSignerBuilder(SIGNATURE).build(by.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair newKeys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
