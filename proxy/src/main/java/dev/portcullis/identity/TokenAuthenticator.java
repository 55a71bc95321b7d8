package dev.portcullis.identity;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.RequestHead;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Judges what stands in {@code Authorization}. Any thread; never blocks. */
@FunctionalInterface
public interface TokenAuthenticator {
    /** Where no issuer is configured no token is worth anything. */
    TokenAuthenticator NONE =
            (_, _) ->
                    CompletableFuture.completedStage(
                            new Authentication.Rejected(Reason.TOKEN_INVALID));

    /**
     * Whom the credentials prove.
     *
     * @param head with at least one {@code Authorization} field
     * @param connection what a token may be bound to
     * @return never fails; complete at once unless an issuer's keys must be fetched
     */
    CompletionStage<Authentication> authenticate(RequestHead head, ConnectionFacts connection);
}
