package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.login.PageKind;

/** Which page fits a refusal. The page says what to do next; the reason stays in the audit. */
final class PageKinds {
    private PageKinds() {}

    static PageKind of(int status, Reason reason) {
        return switch (status) {
            case 401 -> PageKind.NOT_SIGNED_IN;
            case 403 -> forbidden(reason);
            case 404 -> PageKind.NOT_FOUND;
            case 408 -> PageKind.REQUEST_TIMEOUT;
            case 413 -> PageKind.PAYLOAD_TOO_LARGE;
            case 417 -> PageKind.EXPECTATION_FAILED;
            case 421 -> PageKind.WRONG_HOST;
            case 429 -> PageKind.RATE_LIMITED;
            case 431 -> PageKind.HEAD_TOO_LARGE;
            case 500 -> PageKind.INTERNAL_ERROR;
            case 501 -> PageKind.NOT_IMPLEMENTED;
            case 502 -> PageKind.GATEWAY_ANSWER_INVALID;
            case 503 -> unavailable(reason);
            case 504 -> PageKind.GATEWAY_TIMEOUT;
            default -> PageKind.BAD_REQUEST;
        };
    }

    private static PageKind forbidden(Reason reason) {
        return switch (reason) {
            case ORIGIN_NOT_ALLOWED, CROSS_SITE -> PageKind.CROSS_SITE;
            default -> PageKind.NOT_ALLOWED;
        };
    }

    private static PageKind unavailable(Reason reason) {
        return switch (reason) {
            case AUDIT_UNAVAILABLE -> PageKind.AUDIT_UNAVAILABLE;
            case STORE_UNAVAILABLE, CERTIFICATE_STATUS_UNKNOWN -> PageKind.STORE_UNAVAILABLE;
            case TOKEN_ISSUER_UNAVAILABLE, PROVIDER_UNAVAILABLE -> PageKind.PROVIDER_UNAVAILABLE;
            case OVERLOADED -> PageKind.OVERLOADED;
            case GATEWAY_STARTING -> PageKind.GATEWAY_STARTING;
            case GATEWAY_BUSY -> PageKind.GATEWAY_BUSY;
            default -> PageKind.GATEWAY_DOWN;
        };
    }
}
