package dev.portcullis.session;

import java.time.Instant;

/**
 * One sign-in under way, between the redirect to the provider and its callback. Used once.
 *
 * @param browser the hash of the cookie that binds it to the browser that began it
 * @param nonce sent to the provider, expected in the ID token
 * @param codeVerifier the PKCE secret (RFC 7636 §4.1), 43 to 128 characters
 * @param returnTo a path on our own origin to go to afterwards
 * @param silent whether it runs in a hidden frame with {@code prompt=none}
 * @param startedAt when it began
 */
public record SignInState(
        String browser,
        String nonce,
        String codeVerifier,
        String returnTo,
        boolean silent,
        Instant startedAt) {

    /** Without the secrets. */
    @Override
    public String toString() {
        return "SignInState[silent=" + silent + ", startedAt=" + startedAt + "]";
    }
}
