package dev.portcullis.config;

import java.nio.file.Path;
import java.util.List;

/**
 * What the public listener proves, and with what.
 *
 * @param certificate PEM chain, leaf first
 * @param key PEM private key (PKCS#8, or the older EC and RSA forms), readable by us alone
 * @param protocols {@code TLSv1.3}, and {@code TLSv1.2} only by choice
 */
public record TlsConfig(Path certificate, Path key, List<String> protocols) {
    public TlsConfig {
        protocols = List.copyOf(protocols);
    }
}
