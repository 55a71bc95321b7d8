package dev.portcullis.identity;

/** What looking at a token's signature came to. */
public sealed interface Verification {
    /** The issuer signed it. */
    record Verified(VerifiedJwt token) implements Verification {}

    /** Nobody we trust did. */
    record Refused(TokenFlaw flaw) implements Verification {}

    /** The issuer's keys are not known now, so nothing can be said: 503, not 401. */
    record Unavailable() implements Verification {}
}
