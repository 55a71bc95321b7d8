package dev.portcullis.login;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** The session store is out of reach: 503, whatever was asked. */
final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private StoreUnavailableException(Throwable cause) {
        super("the session store is out of reach", cause);
    }

    /** What the store says. Blocks: for virtual threads only. */
    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException | CancellationException failure) {
            throw new StoreUnavailableException(failure);
        }
    }
}
