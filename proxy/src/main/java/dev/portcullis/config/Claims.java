package dev.portcullis.config;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a description of an issuer needs in every block that has one. */
final class Claims {
    private static final Pattern NAME = Pattern.compile("[!-~]{1,128}");

    private Claims() {}

    static Syntax<String> name() {
        return Syntax.text("a claim's name: 1 to 128 printable ASCII characters", NAME);
    }

    /** The {@code ca} of a block: certificates that may vouch for the issuer's own. */
    static @Nullable Path authority(ConfigNode node) {
        var ca = node.valueIfPresent("ca", Folder.readableFile(node.source()));
        if (ca != null && ServerCertificate.authorities(ca).isEmpty()) {
            node.problem("ca", "a file without PEM certificates", "a PEM file of certificates");
        }
        return ca;
    }
}
