package dev.portcullis.edge;

import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** Asks about one certificate in OCSP, and believes only a good answer (RFC 6960 §3.2). */
final class OcspResponses {
    /** A responder's own certificate is made for that (RFC 6960 §4.2.2.2). */
    private static final String OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

    private final X509Certificate issuer;
    private final CertificateID id;

    /**
     * @throws GeneralSecurityException if the two certificates cannot be named to a responder
     */
    OcspResponses(X509Certificate leaf, X509Certificate issuer) throws GeneralSecurityException {
        this.issuer = issuer;
        try {
            var digests = new JcaDigestCalculatorProviderBuilder().build();
            this.id =
                    new CertificateID(
                            digests.get(CertificateID.HASH_SHA1),
                            new JcaX509CertificateHolder(issuer),
                            leaf.getSerialNumber());
        } catch (OperatorCreationException | OCSPException e) {
            throw new GeneralSecurityException("no OCSP request: " + e.getMessage(), e);
        }
    }

    /** Where the certificate says that it can be asked about (RFC 5280 §4.2.2.1). */
    static Optional<URI> responder(X509Certificate leaf) {
        var extension = leaf.getExtensionValue(Extension.authorityInfoAccess.getId());
        if (extension == null) {
            return Optional.empty();
        }
        try {
            var parsed = JcaX509ExtensionUtils.parseExtensionValue(extension);
            for (var access :
                    AuthorityInformationAccess.getInstance(parsed).getAccessDescriptions()) {
                var at = access.getAccessLocation();
                if (AccessDescription.id_ad_ocsp.equals(access.getAccessMethod())
                        && at.getTagNo() == GeneralName.uniformResourceIdentifier) {
                    return Optional.of(URI.create(at.getName().toString()));
                }
            }
        } catch (IOException | IllegalArgumentException unreadable) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** The request's bytes. */
    byte[] request() throws IOException {
        try {
            return new OCSPReqBuilder().addRequest(id).build().getEncoded();
        } catch (OCSPException e) {
            throw new IOException("no OCSP request", e);
        }
    }

    /**
     * The answer, if it is signed by the right key, about this certificate, current and good.
     *
     * @throws IOException if it is anything else; the message says what
     */
    OcspStaple read(byte[] bytes, Instant now) throws IOException {
        try {
            var response = new OCSPResp(bytes);
            if (response.getStatus() != OCSPResp.SUCCESSFUL
                    || !(response.getResponseObject() instanceof BasicOCSPResp basic)) {
                throw new IOException("no answer, but status " + response.getStatus());
            }
            if (!isSigned(basic)) {
                throw new IOException("not signed by the certificate's authority");
            }
            for (var single : basic.getResponses()) {
                if (single.getCertID().equals(id)) {
                    return staple(bytes, single, now);
                }
            }
            throw new IOException("an answer about another certificate");
        } catch (OCSPException
                | OperatorCreationException
                | GeneralSecurityException
                | RuntimeException malformed) {
            throw new IOException("not an OCSP answer: " + malformed.getMessage(), malformed);
        }
    }

    private static OcspStaple staple(byte[] bytes, SingleResp single, Instant now)
            throws IOException {
        var next = single.getNextUpdate();
        if (single.getCertStatus() != null) { // Which is how Bouncy Castle says good.
            throw new IOException("the certificate is revoked, or not known");
        }
        if (next == null
                || !next.toInstant().isAfter(now)
                || single.getThisUpdate().toInstant().isAfter(now)) {
            throw new IOException("an answer of another time");
        }
        return new OcspStaple(bytes, next.toInstant());
    }

    private boolean isSigned(BasicOCSPResp basic)
            throws OperatorCreationException, OCSPException, GeneralSecurityException {
        if (isSignedBy(basic, issuer)) {
            return true;
        }
        for (X509CertificateHolder sent : basic.getCerts()) {
            var delegate = new JcaX509CertificateConverter().getCertificate(sent);
            var purposes = delegate.getExtendedKeyUsage();
            if (purposes != null && purposes.contains(OCSP_SIGNING)) {
                delegate.verify(issuer.getPublicKey());
                delegate.checkValidity();
                return isSignedBy(basic, delegate);
            }
        }
        return false;
    }

    private static boolean isSignedBy(BasicOCSPResp basic, X509Certificate signer)
            throws OperatorCreationException {
        try {
            return basic.isSignatureValid(
                    new JcaContentVerifierProviderBuilder().build(signer.getPublicKey()));
        } catch (OCSPException anotherKindOfKey) {
            return false;
        }
    }
}
