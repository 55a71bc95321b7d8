package dev.portcullis.client;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where people sign in, as its discovery document says (OpenID Connect Discovery 1.0 §4).
 *
 * @param name exactly as it spells itself
 * @param authorization null if it has none
 * @param token where codes and refresh tokens become access tokens
 * @param device where a sign-in without a browser begins (RFC 8628); null if it has none
 * @param revocation where tokens are given back (RFC 7009); null if it has none
 * @param namesItself whether it names itself in its answers to a browser (RFC 9207)
 */
record Issuer(
        String name,
        @Nullable URI authorization,
        URI token,
        @Nullable URI device,
        @Nullable URI revocation,
        boolean namesItself) {

    static Issuer discover(WebCalls web, String name) throws IOException {
        var base = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        try {
            var uri = URI.create(base + "/.well-known/openid-configuration");
            return of(name, web.document(uri));
        } catch (IllegalArgumentException malformed) {
            throw new IOException(name + ": no issuer's address", malformed);
        }
    }

    private static Issuer of(String name, String document) throws IOException {
        try {
            var metadata = AuthorizationServerMetadata.parse(document);
            // OpenID Connect Discovery 1.0 §4.3, RFC 8414 §3.3.
            if (!metadata.getIssuer().getValue().equals(name)) {
                throw new IOException(name + ": calls itself otherwise (expected: the same)");
            }
            if (metadata.getTokenEndpointURI() == null) {
                throw new IOException(name + ": found no token endpoint (expected: one)");
            }
            return new Issuer(
                    name,
                    metadata.getAuthorizationEndpointURI(),
                    metadata.getTokenEndpointURI(),
                    metadata.getDeviceAuthorizationEndpointURI(),
                    metadata.getRevocationEndpointURI(),
                    metadata.supportsAuthorizationResponseIssuerParam());
        } catch (ParseException malformed) {
            throw new IOException(name + ": " + malformed.getMessage(), malformed);
        }
    }
}
