package dev.portcullis.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How we prove to the identity provider that we are its client: exactly one way. */
public sealed interface ClientCredential {
    /** Not at all: a public client, whose codes PKCE alone protects. */
    record None() implements ClientCredential {}

    /** By a secret that both know: {@code client_secret_basic} or {@code client_secret_post}. */
    record SharedSecret(Secret secret) implements ClientCredential {}

    /**
     * By signing: {@code private_key_jwt} (RFC 7523 §2.2).
     *
     * @param key PEM private key, RSA or EC
     * @param keyId the key's name at the provider, or null if it has none
     * @param audience whom the signed assertion is for
     */
    record SigningKey(Path key, @Nullable String keyId, AssertionAudience audience)
            implements ClientCredential {}

    /**
     * By a TLS client certificate: {@code tls_client_auth} or {@code self_signed_tls_client_auth}
     * (RFC 8705 §2).
     *
     * @param certificate PEM chain, leaf first
     * @param key its PEM private key
     */
    record Certificate(Path certificate, Path key) implements ClientCredential {}

    /** What the provider expects as the {@code aud} of a client assertion. */
    enum AssertionAudience {
        /** Its own name, alone: what RFC 7523's revision asks for. */
        ISSUER("issuer"),
        /** The address of its token endpoint: what older providers insist on. */
        TOKEN_ENDPOINT("token-endpoint");

        private final String inFile;

        AssertionAudience(String inFile) {
            this.inFile = inFile;
        }

        String inFile() {
            return inFile;
        }
    }

    /** The keys of the {@code sign-in} block that say so. */
    static ClientCredential parse(ConfigNode node) {
        return ClientCredentialKeys.parse(node);
    }
}
