package dev.portcullis.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Whether the server's certificate is one to open a door with. */
final class CertificateChecks {
    /** The issuer's organisation in every certificate of {@code certs-dev}. */
    static final String DEVELOPMENT_ORGANISATION = "O=Portcullis development";

    private static final Set<PosixFilePermission> OTHERS =
            Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
    private static final int SAN_DNS = 2;
    private static final int SAN_IP = 7;

    private CertificateChecks() {}

    static void check(
            ConfigNode node,
            Path certificate,
            Path key,
            PublicOrigin origin,
            boolean developmentAllowed) {
        switch (ServerCertificate.read(certificate, key)) {
            case ServerCertificate.Usable(var usable) -> {
                development(node, usable.chain(), developmentAllowed);
                validity(node, usable.leaf());
                covers(node, usable.leaf(), origin);
            }
            case ServerCertificate.UnusableChain(var found) ->
                    node.problem("certificate", found, "a PEM chain, the server's own first");
            case ServerCertificate.UnusableKey(var found) ->
                    node.problem("key", found, "the PEM private key of tls.certificate");
        }
        permissions(node, key);
    }

    private static void development(ConfigNode node, List<X509Certificate> chain, boolean allowed) {
        if (!allowed && chain.stream().anyMatch(CertificateChecks::isForDevelopment)) {
            node.problem(
                    "certificate",
                    "a development certificate",
                    "one of a real authority, or insecure-development-certificates: true");
        }
    }

    static boolean isForDevelopment(X509Certificate certificate) {
        var issuer = certificate.getIssuerX500Principal().getName();
        return List.of(issuer.split(",", -1)).contains(DEVELOPMENT_ORGANISATION);
    }

    private static void validity(ConfigNode node, X509Certificate leaf) {
        var now = node.source().now();
        if (now.isAfter(leaf.getNotAfter().toInstant())) {
            node.warn("certificate", "expired on " + leaf.getNotAfter().toInstant());
        }
        if (now.isBefore(leaf.getNotBefore().toInstant())) {
            node.warn("certificate", "not valid before " + leaf.getNotBefore().toInstant());
        }
    }

    private static void covers(ConfigNode node, X509Certificate leaf, PublicOrigin origin) {
        if (!origin.host().isEmpty() && !names(leaf, origin.host())) {
            node.warn("certificate", "does not name the host of public-origin");
        }
    }

    /** By the names of RFC 9525: the whole name, or one star for the first label. */
    private static boolean names(X509Certificate leaf, String host) {
        try {
            var names = leaf.getSubjectAlternativeNames();
            var parent = host.substring(Math.max(0, host.indexOf('.')));
            return names != null
                    && names.stream()
                            .filter(n -> n.get(0).equals(SAN_DNS) || n.get(0).equals(SAN_IP))
                            .map(n -> String.valueOf(n.get(1)).toLowerCase(Locale.ROOT))
                            .anyMatch(n ->
                                    n.equals(host) || n.equals("*" + parent) || sameIp(n, host));
        } catch (CertificateParsingException _) {
            return false;
        }
    }

    private static boolean sameIp(String name, String host) {
        var bracketed = name.indexOf(':') < 0 ? name : "[" + name + "]";
        var address = Address.literal(bracketed);
        return address.isPresent() && address.equals(Address.literal(host));
    }

    private static void permissions(ConfigNode node, Path key) {
        try {
            var granted = Files.getPosixFilePermissions(key);
            if (granted.stream().anyMatch(OTHERS::contains)) {
                node.warn("key", "readable by others than its owner; better mode 0600");
            }
        } catch (IOException | UnsupportedOperationException _) {
            // A file system without owners has nobody to warn about.
        }
    }
}
