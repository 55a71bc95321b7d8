package dev.portcullis.identity;

/**
 * A token that the issuer's key signed. Only this package makes one. Who it is for, whom it names
 * and until when it holds is still to be checked.
 */
public final class VerifiedJwt {
    private final UnverifiedJwt token;
    private final SigningKey key;

    VerifiedJwt(UnverifiedJwt token, SigningKey key) {
        this.token = token;
        this.key = key;
    }

    /** The protected header. */
    public JsonObject header() {
        return token.header();
    }

    /** What the issuer claims. */
    public JsonObject claims() {
        return token.claims();
    }

    /** The name of the algorithm that the signature was made with. */
    public String algorithm() {
        return token.algorithm();
    }

    /** The key that signed it. */
    SigningKey key() {
        return key;
    }

    /** Nothing of the token. */
    @Override
    public String toString() {
        return "VerifiedJwt";
    }
}
