package dev.portcullis.config;

import dev.portcullis.config.ClientCredential.AssertionAudience;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads how we prove ourselves to the identity provider: none of these keys, or those of one way.
 */
final class ClientCredentialKeys {
    private static final int RSA_BITS_MIN = 2048;
    private static final List<String> WAYS =
            List.of("client-secret", "client-key", "client-certificate");

    private ClientCredentialKeys() {}

    static ClientCredential parse(ConfigNode node) {
        var secret = node.valueIfPresent("client-secret", secretSyntax());
        var signing = signingKey(node);
        var certificate = certificate(node);
        var ways = WAYS.stream().filter(node::has).toList();
        if (ways.size() > 1) {
            node.problem(ways.getLast(), String.join(" and ", ways), "one of them");
        }
        if (signing != null) {
            return signing;
        }
        if (certificate != null) {
            return certificate;
        }
        return secret == null
                ? new ClientCredential.None()
                : new ClientCredential.SharedSecret(secret);
    }

    private static ClientCredential.@Nullable SigningKey signingKey(ConfigNode node) {
        var key = node.valueIfPresent("client-key", Folder.readableFile(node.source()));
        var keyId = node.valueIfPresent("client-key-id", Syntax.line("a key id", 256));
        var audience =
                node.value(
                        "client-assertion-audience",
                        Syntax.choice(AssertionAudience.values(), AssertionAudience::inFile),
                        AssertionAudience.ISSUER.inFile());
        needs(node, "client-key-id", "client-key");
        needs(node, "client-assertion-audience", "client-key");
        if (key == null) {
            return null;
        }
        if (ServerCertificate.privateKey(key).filter(ClientCredentialKeys::canSign).isEmpty()) {
            node.problem(
                    "client-key",
                    "a file without a key to sign with",
                    "an unencrypted PEM private key, RSA of 2048 bits or more, or EC");
        }
        return new ClientCredential.SigningKey(key, keyId, audience);
    }

    private static boolean canSign(PrivateKey key) {
        return switch (key) {
            case RSAPrivateKey rsa -> rsa.getModulus().bitLength() >= RSA_BITS_MIN;
            case ECPrivateKey _ -> true;
            default -> false;
        };
    }

    private static ClientCredential.@Nullable Certificate certificate(ConfigNode node) {
        var file = Folder.readableFile(node.source());
        var certificate = node.valueIfPresent("client-certificate", file);
        var key = node.valueIfPresent("client-certificate-key", file);
        needs(node, "client-certificate-key", "client-certificate");
        needs(node, "client-certificate", "client-certificate-key");
        if (certificate == null || key == null) {
            return null;
        }
        check(node, certificate, key);
        return new ClientCredential.Certificate(certificate, key);
    }

    private static void check(ConfigNode node, Path certificate, Path key) {
        switch (ServerCertificate.read(certificate, key)) {
            case ServerCertificate.Usable _ -> {}
            case ServerCertificate.UnusableChain(var found) ->
                    node.problem("client-certificate", found, "a PEM chain, our own first");
            case ServerCertificate.UnusableKey(var found) ->
                    node.problem(
                            "client-certificate-key",
                            found,
                            "the PEM private key of client-certificate");
        }
    }

    private static void needs(ConfigNode node, String key, String other) {
        if (node.has(key) && !node.has(other)) {
            node.problem(key, "no " + other + " beside it", "both, or neither");
        }
    }

    private static Syntax<Secret> secretSyntax() {
        var text = Syntax.line("a client secret", 4096);
        return Syntax.of(text.expected(), (String found) -> text.read(found).map(Secret::new))
                .hidden();
    }
}
