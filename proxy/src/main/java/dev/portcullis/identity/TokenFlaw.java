package dev.portcullis.identity;

import java.util.Locale;

/**
 * What is wrong with a token: for tests and the operator's log, never for the client, who learns
 * only that the token is no good.
 */
public enum TokenFlaw {
    // The credential as a header field (RFC 6750 §2.1).
    SCHEME,
    // The compact form (RFC 7515 §7.1).
    TOO_LONG,
    NOT_THREE_PARTS,
    ALPHABET,
    NOT_CANONICAL,
    HEADER_NOT_JSON,
    PAYLOAD_NOT_JSON,
    // The header.
    ALGORITHM_MISSING,
    ALGORITHM_NOT_ALLOWED,
    CRITICAL_EXTENSION,
    PAYLOAD_ENCODING,
    ENCRYPTED_OR_COMPRESSED,
    REMOTE_KEY,
    KEY_ID_MALFORMED,
    NESTED,
    TYPE,
    // The key and the signature.
    KEY_UNKNOWN,
    KEY_AMBIGUOUS,
    SIGNATURE,
    // The claims.
    ISSUER,
    AUDIENCE,
    EXPIRY_MISSING,
    EXPIRED,
    NOT_YET_VALID,
    ISSUED_IN_FUTURE,
    TIME_MALFORMED,
    NOT_AN_ACCESS_TOKEN,
    BOUND_TO_KEY,
    // The proof that goes with it (RFC 9449 §4.3).
    PROOF_NOT_WANTED,
    PROOF_MISSING,
    PROOF_MALFORMED,
    PROOF_TYPE,
    PROOF_KEY,
    PROOF_SIGNATURE,
    PROOF_METHOD,
    PROOF_TARGET,
    PROOF_TOKEN,
    PROOF_ID,
    PROOF_TIME,
    PROOF_REPLAYED,
    // Whom it names.
    USER_MISSING,
    USER_NOT_CANONICAL,
    EMAIL_NOT_VERIFIED,
    GROUPS_MALFORMED;

    private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The code in logs, such as {@code not-three-parts}. */
    public String code() {
        return code;
    }
}
