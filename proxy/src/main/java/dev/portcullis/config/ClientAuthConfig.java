package dev.portcullis.config;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of clients in the TLS handshake, and by whom they must be vouched for. Holds what
 * the files held when they were read, so that what was checked is what counts.
 *
 * @param mode whether a certificate is asked for
 * @param ca where the authorities stand, or null where no certificate is asked for
 * @param crl where the revocation lists stand, or null if none are kept
 * @param authorities of client certificates: self-signed ones that are trusted, and those between
 * @param revocations one of each authority at least; empty only where {@code crl} is null
 */
public record ClientAuthConfig(
        Mode mode,
        @Nullable Path ca,
        @Nullable Path crl,
        List<X509Certificate> authorities,
        List<X509CRL> revocations) {

    /** Nobody is asked for a certificate. */
    public static final ClientAuthConfig NONE =
            new ClientAuthConfig(Mode.NONE, null, null, List.of(), List.of());

    public ClientAuthConfig {
        authorities = List.copyOf(authorities);
        revocations = List.copyOf(revocations);
    }

    /** Whether a client certificate is asked for. */
    public enum Mode {
        NONE("none"),
        OPTIONAL("optional"),
        REQUIRED("required");

        private final String configName;

        Mode(String configName) {
            this.configName = configName;
        }

        String configName() {
            return configName;
        }
    }

    static ClientAuthConfig parse(ConfigNode node, boolean developmentAllowed) {
        var mode =
                node.value("client-auth", Syntax.choice(Mode.values(), Mode::configName), "none");
        var ca = node.valueIfPresent("client-ca", Folder.readableFile(node.source()));
        var crl = node.valueIfPresent("crl", Folder.readableFile(node.source()));
        if (mode == Mode.NONE) {
            without(node, "client-ca");
            without(node, "crl");
            return NONE;
        }
        if (ca == null) {
            if (!node.has("client-ca")) {
                node.problem("client-ca", "nothing", "the authorities of client certificates");
            }
            return NONE;
        }
        var authorities = authorities(node, ca, developmentAllowed);
        var revocations = crl == null ? List.<X509CRL>of() : revocations(node, crl, authorities);
        return new ClientAuthConfig(mode, ca, crl, authorities, revocations);
    }

    private static void without(ConfigNode node, String key) {
        if (node.has(key)) {
            node.problem(
                    key, "given, but client-auth is none", "client-auth: optional or required");
        }
    }

    private static List<X509Certificate> authorities(
            ConfigNode node, Path file, boolean developmentAllowed) {
        var found = ServerCertificate.authorities(file);
        if (found.stream().noneMatch(ClientAuthConfig::isSelfSigned)
                || found.stream().anyMatch(one -> one.getBasicConstraints() < 0)) {
            node.problem(
                    "client-ca",
                    "a file with something else in it",
                    "PEM certificates of authorities, at least one of them self-signed");
        }
        if (!developmentAllowed && found.stream().anyMatch(CertificateChecks::isForDevelopment)) {
            node.problem(
                    "client-ca",
                    "a development authority",
                    "a real one, or insecure-development-certificates: true");
        }
        return found;
    }

    private static List<X509CRL> revocations(
            ConfigNode node, Path file, List<X509Certificate> authorities) {
        var lists = RevocationLists.read(file);
        boolean complete =
                authorities.stream()
                        .allMatch(authority ->
                                lists.stream().anyMatch(list -> isBy(list, authority)));
        if (lists.isEmpty()
                || !complete
                || lists.stream().anyMatch(list -> !isByAny(list, authorities))) {
            node.problem(
                    "crl",
                    "a file with other content",
                    "PEM or DER revocation lists of every authority in client-ca, and no others");
        }
        var now = node.source().now();
        for (var list : lists) {
            if (list.getNextUpdate() == null || !now.isBefore(list.getNextUpdate().toInstant())) {
                node.warn("crl", "a list is out of date: its certificates are refused");
            }
        }
        return lists;
    }

    private static boolean isByAny(X509CRL list, List<X509Certificate> authorities) {
        return authorities.stream().anyMatch(authority -> isBy(list, authority));
    }

    private static boolean isBy(X509CRL list, X509Certificate authority) {
        try {
            list.verify(authority.getPublicKey());
            return list.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
        try {
            certificate.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    /** The authorities that are trusted by themselves. */
    public List<X509Certificate> roots() {
        return authorities.stream().filter(ClientAuthConfig::isSelfSigned).toList();
    }

    /** Names and counts: what stands in certificates is nobody's secret, but long. */
    @Override
    public String toString() {
        return "ClientAuthConfig["
                + mode.configName
                + ", "
                + authorities.size()
                + " authorities, "
                + revocations.size()
                + " lists]";
    }
}
