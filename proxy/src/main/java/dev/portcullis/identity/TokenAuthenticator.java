package dev.portcullis.identity;

import dev.portcullis.audit.Reason;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Judges what stands in {@code Authorization}. Any thread; never blocks. */
@FunctionalInterface
public interface TokenAuthenticator {
    /** Where no issuer is configured no token is worth anything. */
    TokenAuthenticator NONE =
            _ ->
                    CompletableFuture.completedStage(
                            new Authentication.Rejected(Reason.TOKEN_INVALID));

    /**
     * Whom the credentials prove.
     *
     * @param authorization every value of the field, as sent; at least one
     * @return never fails; complete at once unless an issuer's keys must be fetched
     */
    CompletionStage<Authentication> authenticate(List<String> authorization);
}
