package dev.portcullis.http;

import dev.portcullis.audit.Reason;

/**
 * Bytes that are not one clear request: never repaired, answered in a word, and the connection
 * ends.
 *
 * @param status 400, 408, 413, 417, 431 or 501
 * @param reason for the audit
 */
public record Refusal(int status, Reason reason) implements ParsedRequest {
    /** 400: not one clear request. */
    public static Refusal bad(Reason reason) {
        return new Refusal(400, reason);
    }
}
