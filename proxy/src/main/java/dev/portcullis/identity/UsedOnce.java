package dev.portcullis.identity;

import java.time.Instant;
import java.util.concurrent.CompletionStage;

/** Remembers what must not come twice. Any thread; never blocks. */
@FunctionalInterface
public interface UsedOnce {
    /**
     * Remembers an id.
     *
     * @param scope of the id
     * @param until when what carries the id is refused anyway
     * @return whether it was not there yet; fails if nothing more can be remembered
     */
    CompletionStage<Boolean> firstUse(String scope, String id, Instant now, Instant until);
}
