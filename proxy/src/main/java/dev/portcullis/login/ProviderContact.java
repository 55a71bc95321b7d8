package dev.portcullis.login;

import dev.portcullis.identity.ProviderExchange;
import dev.portcullis.identity.ProviderHttp;
import dev.portcullis.runtime.OffLoop;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether anybody answers at the provider, before a browser is sent there. However many ask, one
 * small exchange is under way, and its answer counts for a few seconds: a crowd at our door is none
 * at the provider's.
 */
final class ProviderContact {
    private static final Duration GOOD_FOR = Duration.ofSeconds(5);
    private static final Duration BAD_FOR = Duration.ofSeconds(1);
    private static final Duration WAIT_MAX = Duration.ofSeconds(2);

    private final URI document;
    private final ProviderHttp http;
    private final OffLoop offLoop;
    private final LongSupplier nanoTime;
    private @Nullable CompletableFuture<Attempt> latest;

    /**
     * One try.
     *
     * @param trouble what was wrong, or null
     * @param at monotonic
     */
    private record Attempt(@Nullable String trouble, long at) {}

    ProviderContact(URI issuer, ProviderHttp http, OffLoop offLoop, LongSupplier nanoTime) {
        var name = issuer.toString();
        this.document =
                URI.create(
                        (name.endsWith("/") ? name.substring(0, name.length() - 1) : name)
                                + "/.well-known/openid-configuration");
        this.http = http;
        this.offLoop = offLoop;
        this.nanoTime = nanoTime;
    }

    /** Whether it answered within the last seconds, or does now. Blocks for two seconds at most. */
    boolean isMade() throws InterruptedException {
        try {
            return current().get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS).trouble() == null;
        } catch (TimeoutException | ExecutionException noAnswer) {
            return false;
        }
    }

    /** What was wrong at the latest try, if anything was. */
    synchronized Optional<String> trouble() {
        var attempt = latest == null ? null : latest.getNow(null);
        return attempt == null ? Optional.empty() : Optional.ofNullable(attempt.trouble());
    }

    private synchronized CompletableFuture<Attempt> current() {
        var known = latest;
        if (known != null && (!known.isDone() || isGood(known.getNow(null)))) {
            return known;
        }
        var next =
                offLoop.call(() -> attempt(http.get(document)))
                        .exceptionally(
                                failure -> new Attempt(failure.toString(), nanoTime.getAsLong()))
                        .toCompletableFuture();
        latest = next;
        return next;
    }

    private boolean isGood(Attempt attempt) {
        var age = Duration.ofNanos(nanoTime.getAsLong() - attempt.at());
        return age.compareTo(attempt.trouble() == null ? GOOD_FOR : BAD_FOR) < 0;
    }

    private Attempt attempt(ProviderExchange exchange) {
        var trouble =
                switch (exchange) {
                    case ProviderExchange.Failed(var why) -> why;
                    case ProviderExchange.Answered answer when answer.status() != 200 ->
                            document + ": status " + answer.status() + " (expected: 200)";
                    case ProviderExchange.Answered _ -> null;
                };
        return new Attempt(trouble, nanoTime.getAsLong());
    }
}
