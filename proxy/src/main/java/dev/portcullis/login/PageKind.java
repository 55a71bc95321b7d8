package dev.portcullis.login;

/**
 * Every page with which we say no, or not now: its status, and what a person reads on it. One row
 * each.
 */
public enum PageKind {
    BAD_REQUEST(
            400,
            "Bad request",
            "Your browser or program sent something that is not one clear request.",
            "Go back and try again. If a link brought you here, it may be broken."),
    NOT_SIGNED_IN(
            401,
            "Not signed in",
            "This address needs you to sign in first.",
            "Sign in, or send a valid access token."),
    NOT_ALLOWED(
            403,
            "Not allowed",
            "You are signed in, but this account is not on the list of people who may pass.",
            "Ask the people who run this place to add you, or use another account."),
    CROSS_SITE(
            403,
            "Refused",
            "Another website sent your browser here in a way that is not allowed.",
            "Open the address yourself, in a new tab."),
    NOT_FOUND(
            404,
            "Not found",
            "There is nothing at this address.",
            "Check the address, or start again from the front page."),
    METHOD_NOT_ALLOWED(
            405,
            "Method not allowed",
            "This address does not take that kind of request.",
            "Open it as an ordinary page."),
    REQUEST_TIMEOUT(
            408,
            "Too slow",
            "The request did not arrive in time.",
            "Check your connection and try again."),
    PAYLOAD_TOO_LARGE(
            413,
            "Too large",
            "The request carries more than is allowed here.",
            "Send less at once."),
    EXPECTATION_FAILED(
            417,
            "Expectation failed",
            "The request expects something that is not offered here.",
            "Leave the Expect field out, or send 100-continue."),
    WRONG_HOST(
            421,
            "Wrong address",
            "This server does not answer under that name.",
            "Use the address you were given, exactly."),
    RATE_LIMITED(
            429,
            "Slow down",
            "Too many requests came from your address in a short time.",
            "Wait a moment, then try again."),
    HEAD_TOO_LARGE(
            431,
            "Too many headers",
            "The request's headers are larger than allowed here.",
            "Delete this site's cookies and try again."),
    INTERNAL_ERROR(
            500,
            "Something broke",
            "An error of ours stopped this request.",
            "Try again. If it stays, give the request id below to the people who run this place."),
    NOT_IMPLEMENTED(
            501,
            "Not implemented",
            "The request uses a transfer coding that is not spoken here.",
            "Send the body plain or chunked."),
    GATEWAY_ANSWER_INVALID(
            502,
            "No clear answer",
            "The Gateway behind this door answered with something that cannot be passed on.",
            "Try again in a moment."),
    GATEWAY_DOWN(
            503,
            "The Gateway is not running",
            "You reached the door, but the Gateway behind it does not answer. It may be restarting.",
            "This page looks again every five seconds. There is nothing you need to do."),
    GATEWAY_STARTING(
            503,
            "The Gateway is starting",
            "You reached the door, and the Gateway behind it is waking up. That takes up to half a"
                    + " minute.",
            "This page looks again every five seconds. There is nothing you need to do."),
    GATEWAY_BUSY(
            503,
            "The Gateway is busy",
            "You reached the door, but as many requests as it lets through at once are under way.",
            "Reload in a moment. If this stays, tell the people who run this place."),
    OVERLOADED(
            503,
            "Too much at once",
            "This door is short of memory, and serves those who are inside already.",
            "Try again in a moment. If this stays, tell the people who run this place."),
    GATEWAY_TIMEOUT(
            504,
            "The Gateway is slow",
            "The Gateway behind this door took too long to answer.",
            "Try again in a moment."),
    AUDIT_UNAVAILABLE(
            503,
            "Closed for now",
            "Nobody may pass while decisions cannot be written down.",
            "Try again in a moment. The people who run this place can see why."),
    STORE_UNAVAILABLE(
            503,
            "Closed for now",
            "Nobody's sign-in can be checked at the moment.",
            "Try again in a moment. You do not need to sign in again."),
    PROVIDER_UNAVAILABLE(
            503,
            "Sign-in is not available",
            "The service that checks who you are cannot be reached at the moment.",
            "Wait a moment, then try again. Whoever is signed in already can go on working.");

    private static final int RETRY_SECONDS = 5;

    private final int status;
    private final String title;
    private final String what;
    private final String next;

    PageKind(int status, String title, String what, String next) {
        this.status = status;
        this.title = title;
        this.what = what;
        this.next = next;
    }

    /** The answer's status, 400 to 504. */
    public int status() {
        return status;
    }

    /** The heading, and the {@code title} of the problem document. */
    public String title() {
        return title;
    }

    /** What happened, in a sentence. */
    public String what() {
        return what;
    }

    /** What to do next, in a sentence. */
    public String next() {
        return next;
    }

    /** After how many seconds another try makes sense; 0 where waiting changes nothing. */
    public int retryAfterSeconds() {
        return status == 429 ? 1 : status == 503 ? RETRY_SECONDS : 0;
    }
}
