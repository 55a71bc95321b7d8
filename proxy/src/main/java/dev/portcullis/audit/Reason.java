package dev.portcullis.audit;

import java.util.Locale;

/** Why a decision came out as it did. One stable code each, for audit lines and metrics. */
public enum Reason {
    // Allowed.
    ALLOWED,
    BREAK_GLASS,
    OWN_PAGE,
    // The bytes are not one clear request.
    HEAD_MALFORMED,
    HEAD_TOO_LARGE,
    FIELD_NAME_MALFORMED,
    FIELD_VALUE_MALFORMED,
    FIELD_REPEATED,
    METHOD_UNKNOWN,
    VERSION_UNSUPPORTED,
    TARGET_NOT_CANONICAL,
    HOST_MISSING,
    FRAMING_AMBIGUOUS,
    CODING_UNKNOWN,
    BODY_MALFORMED,
    BODY_TOO_LARGE,
    EXPECTATION_UNKNOWN,
    UPGRADE_MALFORMED,
    UPGRADE_UNSUPPORTED,
    HEAD_TIMEOUT,
    BODY_TIMEOUT,
    // Not meant for us.
    HOST_NOT_OURS,
    SNI_NOT_HOST,
    // Who is it?
    NO_CREDENTIALS,
    CREDENTIALS_AMBIGUOUS,
    SESSION_UNKNOWN,
    SESSION_EXPIRED,
    TOKEN_MALFORMED,
    TOKEN_INVALID,
    TOKEN_ISSUER_UNAVAILABLE,
    SERVICE_TOKEN_INVALID,
    CERTIFICATE_MISSING,
    CERTIFICATE_INVALID,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_REVOKED,
    CERTIFICATE_STATUS_UNKNOWN,
    CERTIFICATE_OF_ANOTHER_USER,
    STORE_UNAVAILABLE,
    // May they?
    ORIGIN_NOT_ALLOWED,
    CROSS_SITE,
    USER_NOT_ALLOWED,
    ROUTE_NOT_ALLOWED,
    RATE_LIMITED,
    TOO_MANY_CONNECTIONS,
    // Signing in and out.
    SIGN_IN_STARTED,
    SIGN_IN_DONE,
    SIGN_IN_STATE_UNKNOWN,
    SIGN_IN_REFUSED_BY_PROVIDER,
    SIGN_IN_RESPONSE_INVALID,
    ID_TOKEN_INVALID,
    CLAIM_MISSING,
    USER_NAME_NOT_CANONICAL,
    PROVIDER_UNAVAILABLE,
    SIGNED_OUT,
    BACK_CHANNEL_LOGOUT,
    FRONT_CHANNEL_LOGOUT,
    LOGOUT_REFUSED,
    // How a session or a connection ended.
    SESSION_IDLE,
    SESSION_ENDED,
    SERVICE_TOKEN_REVOKED,
    REFRESH_REFUSED,
    SESSION_KILLED,
    ACCESS_CHANGED,
    CLIENT_CLOSED,
    SHUTTING_DOWN,
    // Behind us.
    AUDIT_UNAVAILABLE,
    RELOADED,
    RELOAD_REFUSED,
    GATEWAY_UNREACHABLE,
    GATEWAY_STARTING,
    GATEWAY_BUSY,
    GATEWAY_TIMEOUT,
    GATEWAY_ANSWER_INVALID,
    GATEWAY_CLOSED,
    INTERNAL_ERROR;

    private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The code in audit lines and metrics, such as {@code user-not-allowed}. */
    public String code() {
        return code;
    }
}
