package dev.portcullis.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.ClientAuthConfig;
import dev.portcullis.config.ClientCertificatesConfig.NameFrom;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Judges client certificates by one set of authorities and revocation lists (RFC 5280 §6). New
 * files make a new one. It reaches nothing, and a verdict is kept until it could change, with the
 * connection's certificate and here for all connections that show the same: any thread may ask on
 * every request, and a new list is gone through once for each client and not for each socket.
 */
final class ClientAuthority {
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"; // RFC 5280 §4.2.1.12
    private static final String ANY_USE = "2.5.29.37.0";
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int CRL_SIGN = 6;
    private static final int VERDICTS_MAX = 10_000;

    private final Cache<String, Verdict> verdicts =
            Caffeine.newBuilder().maximumSize(VERDICTS_MAX).executor(Runnable::run).build();
    private final Set<TrustAnchor> anchors;
    private final List<X509Certificate> roots;
    private final List<X509Certificate> between;
    private final boolean revocable;
    private final List<X509CRL> revocations;
    private final List<Signed> signed;
    private final @Nullable NameFrom nameFrom;

    /**
     * @param nameFrom where the user's name stands, or null if no certificate names anybody
     */
    ClientAuthority(ClientAuthConfig config, @Nullable NameFrom nameFrom) {
        this.roots = config.roots();
        this.between = config.authorities().stream().filter(one -> !roots.contains(one)).toList();
        // By name and key, so that the authority's own certificate is judged like any other: the
        // validator believes everything of an anchor that is a certificate, expired or not.
        this.anchors =
                roots.stream()
                        .map(root ->
                                new TrustAnchor(
                                        root.getSubjectX500Principal(), root.getPublicKey(), null))
                        .collect(Collectors.toUnmodifiableSet());
        this.revocable = config.crl() != null;
        this.revocations = config.revocations();
        this.signed =
                revocations.stream()
                        .flatMap(list ->
                                config.authorities().stream()
                                        .filter(authority -> isSignedBy(list, authority))
                                        .map(authority -> new Signed(list, authority)))
                        .toList();
        this.nameFrom = nameFrom;
    }

    /**
     * What a certificate is worth now.
     *
     * @param now wall-clock time
     */
    CertificateVerdict judge(ClientCertificate certificate, Instant now) {
        return certificate.judgedBy(this, now, () -> judgedBefore(certificate, now));
    }

    /** A good verdict may be one of before; a bad one costs whoever asks for it. */
    private CertificateVerdict judgedBefore(ClientCertificate certificate, Instant now) {
        var chain = certificate.chainDigest();
        var before = verdicts.getIfPresent(chain);
        if (before != null && before.holds(now)) {
            return before.good();
        }
        var verdict = judgeAnew(certificate, now);
        if (verdict instanceof CertificateVerdict.Good good) {
            verdicts.put(chain, new Verdict(good, now));
        }
        return verdict;
    }

    /** Of one chain, since when. */
    private record Verdict(CertificateVerdict.Good good, Instant since) {
        boolean holds(Instant now) {
            return !now.isBefore(since) && now.isBefore(good.endsAt());
        }
    }

    private CertificateVerdict judgeAnew(ClientCertificate certificate, Instant now) {
        if (isListed(certificate.leaf(), now)) {
            return new CertificateVerdict.Bad(Reason.CERTIFICATE_REVOKED);
        }
        if (certificate.chain().size() > CertificatePaths.SENT_MAX || !mayBeClients(certificate)) {
            return new CertificateVerdict.Bad(Reason.CERTIFICATE_INVALID);
        }
        var sent = certificate.chain().stream().skip(1);
        var candidates = Stream.concat(between.stream(), sent).distinct().toList();
        CertificateVerdict verdict = new CertificateVerdict.Bad(Reason.CERTIFICATE_INVALID);
        for (var path : CertificatePaths.of(certificate.leaf(), roots, candidates)) {
            var flaw = flawIn(path, now);
            if (flaw == null) {
                return named(certificate, endOf(path, now));
            }
            verdict = new CertificateVerdict.Bad(flaw);
        }
        return verdict;
    }

    /**
     * Whether one of our authorities says that it revoked that very certificate. Asked first, since
     * it costs a look-up where the whole path costs signatures: a new list has to cut whom it names
     * at once, however many others are to be judged again.
     */
    private boolean isListed(X509Certificate leaf, Instant now) {
        return signed.stream()
                .anyMatch(one ->
                        one.list().getRevokedCertificate(leaf) != null
                                && isCurrent(one.list(), now)
                                && one.vouchedFor(leaf));
    }

    /** A list, and the authority that signed it: it speaks of what that key signed. */
    private record Signed(X509CRL list, X509Certificate by) {
        boolean vouchedFor(X509Certificate leaf) {
            try {
                leaf.verify(by.getPublicKey());
                return true;
            } catch (GeneralSecurityException | RuntimeException _) {
                return false; // Another authority's of the same name.
            }
        }
    }

    private static boolean isSignedBy(X509CRL list, X509Certificate authority) {
        var uses = authority.getKeyUsage();
        if (!list.getIssuerX500Principal().equals(authority.getSubjectX500Principal())
                || (uses != null && !uses[CRL_SIGN])) {
            return false;
        }
        try {
            list.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException _) {
            return false; // The validator decides whose it is.
        }
    }

    /** A client's own, made for that: neither an authority's nor a server's. */
    private static boolean mayBeClients(ClientCertificate certificate) {
        var leaf = certificate.leaf();
        var uses = leaf.getKeyUsage();
        return leaf.getBasicConstraints() < 0
                && (uses == null || uses[DIGITAL_SIGNATURE])
                && isFor(leaf, false);
    }

    /**
     * @param byDefault what holds where the certificate does not say what it is for
     */
    private static boolean isFor(X509Certificate certificate, boolean byDefault) {
        try {
            var uses = certificate.getExtendedKeyUsage();
            if (uses == null) {
                return byDefault;
            }
            return uses.contains(CLIENT_AUTH) || (byDefault && uses.contains(ANY_USE));
        } catch (CertificateParsingException _) {
            return false;
        }
    }

    private @Nullable Reason flawIn(List<X509Certificate> path, Instant now) {
        if (!path.stream().skip(1).allMatch(authority -> isFor(authority, true))) {
            return Reason.CERTIFICATE_INVALID;
        }
        try {
            var validator = CertPathValidator.getInstance("PKIX");
            var certificates = CertificateFactory.getInstance("X.509").generateCertPath(path);
            validator.validate(certificates, parameters(validator, now));
            return null;
        } catch (CertPathValidatorException refused) {
            return reasonOf(refused);
        } catch (GeneralSecurityException | RuntimeException _) {
            return Reason.CERTIFICATE_INVALID; // What a stranger sent can be anything.
        }
    }

    private PKIXParameters parameters(CertPathValidator validator, Instant now)
            throws GeneralSecurityException {
        var parameters = new PKIXParameters(anchors);
        parameters.setDate(Date.from(now));
        parameters.setRevocationEnabled(false); // Else the platform would choose how.
        if (revocable) {
            var checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            checker.setOptions(
                    EnumSet.of(
                            PKIXRevocationChecker.Option.PREFER_CRLS,
                            PKIXRevocationChecker.Option.NO_FALLBACK));
            parameters.addCertPathChecker(checker);
            var lists = new CollectionCertStoreParameters(currentLists(now));
            parameters.addCertStore(CertStore.getInstance("Collection", lists));
        }
        return parameters;
    }

    /** The validator would forgive a list that is out of date by a quarter of an hour. */
    private List<X509CRL> currentLists(Instant now) {
        return revocations.stream().filter(list -> isCurrent(list, now)).toList();
    }

    private static boolean isCurrent(X509CRL list, Instant now) {
        var next = list.getNextUpdate();
        return next != null
                && now.isBefore(next.toInstant())
                && !now.plus(TokenTimes.LEEWAY).isBefore(list.getThisUpdate().toInstant());
    }

    private static Reason reasonOf(CertPathValidatorException refused) {
        return switch (refused.getReason()) {
            case BasicReason.REVOKED -> Reason.CERTIFICATE_REVOKED;
            case BasicReason.EXPIRED, BasicReason.NOT_YET_VALID -> Reason.CERTIFICATE_EXPIRED;
            case BasicReason.UNDETERMINED_REVOCATION_STATUS -> Reason.CERTIFICATE_STATUS_UNKNOWN;
            case null, default -> Reason.CERTIFICATE_INVALID;
        };
    }

    private Instant endOf(List<X509Certificate> path, Instant now) {
        var certificates = path.stream().map(one -> one.getNotAfter().toInstant());
        var lists = currentLists(now).stream().map(one -> one.getNextUpdate().toInstant());
        return Stream.concat(certificates, lists).min(Instant::compareTo).orElse(now);
    }

    private CertificateVerdict named(ClientCertificate certificate, Instant endsAt) {
        if (nameFrom == null) {
            return new CertificateVerdict.Good(null, endsAt);
        }
        return switch (CertificateName.of(certificate.leaf(), nameFrom)) {
            case CertificateName.Found(var user) -> new CertificateVerdict.Good(user, endsAt);
            case CertificateName.Unclear() ->
                    new CertificateVerdict.Bad(Reason.CERTIFICATE_INVALID);
        };
    }

    /** Whether some list is out of date, so that certificates are refused for it. */
    boolean isOutOfDate(Instant now) {
        return currentLists(now).size() < revocations.size();
    }
}
