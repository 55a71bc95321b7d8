package dev.portcullis.demo;

import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask the development identity provider for sign-ins.
 *
 * @param id the {@code client_id}
 * @param secret what it proves itself with, or null for a public client
 * @param redirectUris where codes may be sent, compared as they are spelt
 * @param signedOutUris where the browser may go after sign-out, compared as they are spelt
 */
public record DevelopmentClient(
        String id, @Nullable String secret, Set<URI> redirectUris, Set<URI> signedOutUris) {
    public DevelopmentClient {
        redirectUris = Set.copyOf(redirectUris);
        signedOutUris = Set.copyOf(signedOutUris);
    }

    /** Portcullis at this origin, with the routes it has there. */
    public static DevelopmentClient portcullis(String id, @Nullable String secret, URI origin) {
        return new DevelopmentClient(
                id,
                secret,
                Set.of(origin.resolve("/_portcullis/callback")),
                Set.of(origin.resolve("/_portcullis/signed-out")));
    }
}
