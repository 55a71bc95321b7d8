package dev.portcullis.identity;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a client certificate is worth, by one authority at one instant. */
sealed interface CertificateVerdict {
    /**
     * It is good.
     *
     * @param user whom it names, or null if nobody
     * @param endsAt when anything it rests on is over: a certificate of the chain, a revocation
     *     list
     */
    record Good(@Nullable UserName user, Instant endsAt) implements CertificateVerdict {}

    /** It is worth nothing. The reason is for the audit only. */
    record Bad(Reason reason) implements CertificateVerdict {}
}
