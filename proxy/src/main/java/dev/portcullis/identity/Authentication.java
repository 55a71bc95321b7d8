package dev.portcullis.identity;

import dev.portcullis.audit.Reason;

/** What the credentials on a request amount to. */
public sealed interface Authentication {
    /** They prove a principal. */
    record Authenticated(Principal principal) implements Authentication {}

    /** There are none. */
    record Anonymous() implements Authentication {}

    /** There are some, and they prove nothing. The reason is for the audit only. */
    record Rejected(Reason reason) implements Authentication {}

    /** Two kinds on one request, or one kind malformed: 400, whoever it is. */
    record Ambiguous(Reason reason) implements Authentication {}

    /** Each proves somebody, and not the same: 403. The principal is whom the request names. */
    record Conflicting(Reason reason, Principal principal) implements Authentication {}

    /** They cannot be judged now: the issuer's keys or the store are out of reach. 503. */
    record Undecidable(Reason reason) implements Authentication {}

    /** No credentials. */
    Authentication ANONYMOUS = new Anonymous();
}
