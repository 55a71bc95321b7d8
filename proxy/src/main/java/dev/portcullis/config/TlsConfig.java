package dev.portcullis.config;

import java.nio.file.Path;
import java.util.List;

/**
 * What the public listener proves, and with what.
 *
 * @param certificate PEM chain, leaf first
 * @param key PEM private key (PKCS#8, or the older EC and RSA forms), readable by us alone
 * @param protocols {@code TLSv1.3}, and {@code TLSv1.2} only by choice
 * @param clients what is asked of clients
 */
public record TlsConfig(
        Path certificate, Path key, List<String> protocols, ClientAuthConfig clients) {
    private static final String NEWEST = "TLSv1.3";

    public TlsConfig {
        protocols = List.copyOf(protocols);
    }

    static TlsConfig parse(ConfigNode node, PublicOrigin origin) {
        var nowhere = Path.of("");
        var file = Folder.readableFile(node.source());
        var certificate = node.required("certificate", file, nowhere);
        var key = node.required("key", file, nowhere);
        boolean development = node.insecure("insecure-development-certificates");
        if (!certificate.equals(nowhere) && !key.equals(nowhere)) {
            CertificateChecks.check(node, certificate, key, origin, development);
        }
        var protocols = node.values("protocols", Syntax.word(NEWEST, "TLSv1.2"), NEWEST);
        if (!protocols.contains(NEWEST)) {
            node.problem("protocols", "a list without TLSv1.3", "TLSv1.3 among the protocols");
        }
        var clients = ClientAuthConfig.parse(node, development);
        return new TlsConfig(certificate, key, protocols, clients);
    }
}
