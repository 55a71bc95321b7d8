package dev.portcullis.config;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Programs and people whose certificate says who they are.
 *
 * @param user where in the certificate the user's name stands
 * @param breakGlass SHA-256 fingerprints, 64 hexadecimal digits in lower case, of certificates kept
 *     for emergencies: each use of one is reported loudly
 */
public record ClientCertificatesConfig(NameFrom user, List<String> breakGlass) {
    private static final int SHA256_BYTES = 32;

    public ClientCertificatesConfig {
        breakGlass = List.copyOf(breakGlass);
    }

    /** Where a user's name stands. */
    public enum NameFrom {
        /** The one e-mail address among the subject's alternative names. */
        SAN_EMAIL("san-email"),
        /** The one URI among the subject's alternative names. */
        SAN_URI("san-uri"),
        /** The one common name in the subject. */
        SUBJECT_CN("subject-cn");

        private final String configName;

        NameFrom(String configName) {
            this.configName = configName;
        }

        String configName() {
            return configName;
        }
    }

    static @Nullable ClientCertificatesConfig parse(ConfigNode root, TlsConfig tls) {
        var found = root.blockIfPresent("client-certificates", ClientCertificatesConfig::parse);
        if (found != null && tls.clients().mode() == ClientAuthConfig.Mode.NONE) {
            root.problem(
                    "client-certificates",
                    "given, but nobody is asked for one",
                    "tls.client-auth: optional or required, and tls.client-ca");
        }
        return found;
    }

    private static ClientCertificatesConfig parse(ConfigNode node) {
        var user =
                node.value(
                        "user",
                        Syntax.choice(NameFrom.values(), NameFrom::configName),
                        "san-email");
        return new ClientCertificatesConfig(user, node.values("break-glass", fingerprint()));
    }

    private static Syntax<String> fingerprint() {
        return Syntax.of(
                "a certificate's SHA-256 fingerprint: 64 hexadecimal digits, with or without"
                        + " colons",
                ClientCertificatesConfig::fingerprint);
    }

    private static Optional<String> fingerprint(String text) {
        try {
            var bytes = HexFormat.of().parseHex(text.replace(":", ""));
            return bytes.length == SHA256_BYTES
                    ? Optional.of(HexFormat.of().formatHex(bytes).toLowerCase(Locale.ROOT))
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
