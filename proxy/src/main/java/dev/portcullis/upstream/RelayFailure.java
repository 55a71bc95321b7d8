package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;

/**
 * Travels towards the client in place of an answer: the Gateway gave none. The gate makes a page of
 * it, or closes if an answer had begun.
 *
 * @param status 431, 502, 503 or 504
 * @param reason for the audit
 */
public record RelayFailure(int status, Reason reason) {}
