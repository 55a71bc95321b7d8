package dev.portcullis.identity;

import dev.portcullis.access.UserName;
import dev.portcullis.config.ClientCertificatesConfig.NameFrom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.jspecify.annotations.Nullable;

/**
 * Reads the user's name in a certificate, from the one place that the configuration names: an
 * e-mail address in a DNS name, or in the subject, is nothing (RFC 5280 §4.2.1.6).
 */
final class CertificateName {
    private static final int RFC822_NAME = 1;
    private static final int URI = 6;

    /** What stands there. */
    sealed interface Read {}

    /** One name in its canonical form, or nobody's. */
    record Found(@Nullable UserName user) implements Read {}

    /** Several, or something that is no name: nothing to guess from. */
    record Unclear() implements Read {}

    private CertificateName() {}

    static Read of(X509Certificate certificate, NameFrom from) {
        try {
            return one(
                    switch (from) {
                        case SAN_EMAIL -> alternatives(certificate, RFC822_NAME);
                        case SAN_URI -> alternatives(certificate, URI);
                        case SUBJECT_CN -> commonNames(certificate);
                    });
        } catch (CertificateParsingException | RuntimeException _) {
            return new Unclear(); // Bouncy Castle throws unchecked on some malformed input.
        }
    }

    private static Read one(List<String> names) {
        return switch (names.size()) {
            case 0 -> new Found(null);
            case 1 ->
                    UserName.canonical(names.getFirst())
                            .<Read>map(Found::new)
                            .orElseGet(Unclear::new);
            default -> new Unclear();
        };
    }

    private static List<String> alternatives(X509Certificate certificate, int kind)
            throws CertificateParsingException {
        var names = new ArrayList<String>();
        var all = Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of());
        for (var name : all) {
            if (name.getFirst().equals(kind)) {
                names.add((String) name.get(1)); // Both kinds are text.
            }
        }
        return names;
    }

    private static List<String> commonNames(X509Certificate certificate) {
        var names = new ArrayList<String>();
        var subject = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        for (var part : subject.getRDNs()) {
            for (var attribute : part.getTypesAndValues()) {
                if (attribute.getType().equals(BCStyle.CN)) {
                    names.add(((ASN1String) attribute.getValue()).getString());
                }
            }
        }
        return names;
    }
}
