package dev.portcullis.login;

import dev.portcullis.audit.Reason;

/**
 * Why a sign-in did not end in a session: the audit's reason, and what a person reads. One row
 * each.
 */
enum SignInFailure {
    STATE_UNKNOWN(
            400,
            Reason.SIGN_IN_STATE_UNKNOWN,
            "This sign-in took too long, was already used, or was begun in another browser."),
    RESPONSE_INVALID(
            400,
            Reason.SIGN_IN_RESPONSE_INVALID,
            "The answer of the sign-in service is not one that belongs to your sign-in."),
    DECLINED(
            403,
            Reason.SIGN_IN_REFUSED_BY_PROVIDER,
            "The sign-in was cancelled, or the sign-in service does not let this account in."),
    NOT_SILENT(
            403,
            Reason.SIGN_IN_REFUSED_BY_PROVIDER,
            "The sign-in service needs you to sign in there again."),
    MISCONFIGURED(
            502,
            Reason.SIGN_IN_REFUSED_BY_PROVIDER,
            "The sign-in service refuses the way it is asked. The people who run this place must"
                    + " change their configuration; their log says what."),
    PROVIDER_TROUBLE(
            503,
            Reason.PROVIDER_UNAVAILABLE,
            "The sign-in service has trouble at the moment or cannot be reached."),
    ID_TOKEN_INVALID(
            403,
            Reason.ID_TOKEN_INVALID,
            "The sign-in service vouched for you in a way that cannot be verified."),
    CLAIM_MISSING(
            403,
            Reason.CLAIM_MISSING,
            "Your account lacks something that is needed here: a verified e-mail address, or"
                    + " belonging to this organisation."),
    NAME_UNUSABLE(
            403,
            Reason.USER_NAME_NOT_CANONICAL,
            "Your account's name has a form that is not accepted here."),
    TOO_MANY_SESSIONS(
            503, Reason.TOO_MANY_CONNECTIONS, "Too many people are signed in at the moment.");

    private final int status;
    private final Reason reason;
    private final String what;

    SignInFailure(int status, Reason reason, String what) {
        this.status = status;
        this.reason = reason;
        this.what = what;
    }

    int status() {
        return status;
    }

    Reason reason() {
        return reason;
    }

    String what() {
        return what;
    }
}
