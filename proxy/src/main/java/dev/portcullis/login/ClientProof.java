package dev.portcullis.login;

import com.nimbusds.common.contenttype.ContentType;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.PrivateKeyJWT;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.JWTID;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import dev.portcullis.config.ClientCredential;
import dev.portcullis.config.ClientCredential.AssertionAudience;
import dev.portcullis.config.ServerCertificate;
import dev.portcullis.config.SignInConfig;
import java.io.IOException;
import java.net.URI;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes requests to the provider that prove who asks, in the one way that is configured (OpenID
 * Connect Core 1.0 §9, RFC 8705 §2). Immutable.
 */
final class ClientProof {
    /** How long a client assertion is good for: one exchange. */
    private static final Duration ASSERTION_TIME = Duration.ofSeconds(60);

    private final SignInConfig config;
    private final @Nullable PrivateKey signingKey;

    private ClientProof(SignInConfig config, @Nullable PrivateKey signingKey) {
        this.config = config;
        this.signingKey = signingKey;
    }

    /**
     * Reads what the configuration names. Blocks.
     *
     * @throws IOException if the signing key cannot be read
     */
    static ClientProof of(SignInConfig config) throws IOException {
        return config.credential() instanceof ClientCredential.SigningKey signing
                ? new ClientProof(
                        config,
                        ServerCertificate.privateKey(signing.key())
                                .orElseThrow(() ->
                                        new IOException(signing.key() + ": no PEM private key")))
                : new ClientProof(config, null);
    }

    /** A form for one of the provider's endpoints, with our proof in it. */
    HTTPRequest post(
            ProviderMetadata metadata,
            URI endpoint,
            Map<String, List<String>> parameters,
            Instant now) {
        var authentication = authentication(metadata, now);
        var form = new LinkedHashMap<>(parameters);
        if (authentication == null) {
            form.put("client_id", List.of(config.clientId()));
        }
        var request = new HTTPRequest(HTTPRequest.Method.POST, endpoint);
        request.setEntityContentType(ContentType.APPLICATION_URLENCODED);
        request.setBody(URLUtils.serializeParameters(form));
        if (authentication != null) {
            authentication.applyTo(request);
        }
        return request;
    }

    /** Null where the client id says enough: for a public client, and beside a certificate. */
    private @Nullable ClientAuthentication authentication(ProviderMetadata metadata, Instant now) {
        var id = new ClientID(config.clientId());
        return switch (config.credential()) {
            case ClientCredential.None _, ClientCredential.Certificate _ -> null;
            case ClientCredential.SharedSecret(var secret) ->
                    metadata.secretInBody()
                            ? new ClientSecretPost(id, new Secret(secret.expose()))
                            : new ClientSecretBasic(id, new Secret(secret.expose()));
            case ClientCredential.SigningKey(_, var keyId, var audience) ->
                    new PrivateKeyJWT(assertion(metadata, keyId, audience, now));
        };
    }

    /** RFC 7523 §3: signed for this provider, good once, for a minute. */
    private SignedJWT assertion(
            ProviderMetadata metadata,
            @Nullable String keyId,
            AssertionAudience audience,
            Instant now) {
        var key = java.util.Objects.requireNonNull(signingKey);
        var claims =
                new JWTClaimsSet.Builder()
                        .issuer(config.clientId())
                        .subject(config.clientId())
                        .audience(
                                switch (audience) {
                                    case ISSUER -> config.issuer().toString();
                                    case TOKEN_ENDPOINT -> metadata.tokenEndpoint().toString();
                                })
                        .jwtID(new JWTID().getValue())
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plus(ASSERTION_TIME)))
                        .build();
        try {
            var signer = signer(key);
            var algorithm = algorithm(signer, metadata.assertionAlgorithms());
            var header = new JWSHeader.Builder(algorithm).keyID(keyId).build();
            var assertion = new SignedJWT(header, claims);
            assertion.sign(signer);
            return assertion;
        } catch (JOSEException unusable) {
            // The configuration was read with this very key.
            throw new IllegalStateException("the client key cannot sign", unusable);
        }
    }

    private static JWSSigner signer(PrivateKey key) throws JOSEException {
        return key instanceof ECPrivateKey curve ? new ECDSASigner(curve) : new RSASSASigner(key);
    }

    /** An EC key has one algorithm; an RSA key takes the one everybody has, unless told apart. */
    private static JWSAlgorithm algorithm(JWSSigner signer, Set<String> offered) {
        var able = signer.supportedJWSAlgorithms();
        if (able.size() == 1) {
            return able.iterator().next();
        }
        return !offered.contains("RS256") && offered.contains("PS256")
                ? JWSAlgorithm.PS256
                : JWSAlgorithm.RS256;
    }
}
