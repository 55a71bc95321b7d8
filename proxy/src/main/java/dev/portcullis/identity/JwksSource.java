package dev.portcullis.identity;

import dev.portcullis.runtime.OffLoop;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one issuer publishes about itself (OpenID Connect Discovery 1.0 §4) and its keys: fetched
 * off the loop, kept fresh in the background, good for a day when the issuer is away, and swapped
 * as one value. An issuer that was down at the start is found as soon as it is back. Any thread.
 */
public final class JwksSource {
    /** How old the keys may be before they are fetched anew. */
    static final Duration FRESH = Duration.ofMinutes(10);

    /** How old they may be at most, when the issuer does not answer. */
    static final Duration STALE = Duration.ofHours(24);

    /** Least time between two fetches that a key nobody knows has caused. */
    static final Duration UNKNOWN_KEY_PAUSE = Duration.ofSeconds(5);

    /** Least time between two tries while nothing is known. */
    static final Duration RETRY_EMPTY = Duration.ofSeconds(1);

    /** Least time between two tries while what is known is still good. */
    static final Duration RETRY_STALE = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(JwksSource.class);

    private final IssuerDocuments documents;
    private final Set<SignatureAlgorithm> algorithms;
    private final OffLoop offLoop;
    private final LongSupplier nanoTime;
    private final Object lock = new Object();

    // What is known; written under the lock.
    private volatile @Nullable Known known;
    private volatile @Nullable String trouble = "not asked yet";

    // Under the lock.
    private @Nullable CompletableFuture<Void> fetching;
    private @Nullable Long triedAt;
    private @Nullable Long unknownKeyAt;
    private boolean unknownKeyWaits;

    private record Known(IssuerDocuments.Fetched documents, long fetchedAt) {}

    /**
     * @param issuer exactly as the issuer spells it
     * @param algorithms JOSE names of the signature algorithms accepted from it
     * @param nanoTime monotonic time, such as {@code System::nanoTime}
     */
    public JwksSource(
            URI issuer,
            Set<String> algorithms,
            ProviderHttp http,
            OffLoop offLoop,
            LongSupplier nanoTime) {
        this.documents = new IssuerDocuments(issuer, http);
        this.algorithms = SignatureAlgorithm.allNamed(algorithms);
        this.offLoop = offLoop;
        this.nanoTime = nanoTime;
    }

    /** Whose keys these are. */
    public String issuer() {
        return documents.issuer();
    }

    /** Starts a fetch if one is due. Cheap; to be called about once a second. */
    public void maintain() {
        synchronized (lock) {
            if (isDue()) {
                var _ = fetch(); // Whoever waits for keys joins it; nobody has to.
            }
        }
    }

    /**
     * What the issuer publishes about itself, its {@code issuer} compared with ours. Fetches it if
     * nothing is known and the last try is a second old.
     *
     * @return completes with empty while the issuer cannot be reached or believed; never fails
     */
    public CompletionStage<Optional<JsonObject>> metadata() {
        return knownOrFetched()
                .thenApply(
                        it -> Optional.ofNullable(it).map(found -> found.documents().metadata()));
    }

    /** The same as {@link #verify(UnverifiedJwt, Set)}, by any of the issuer's algorithms. */
    public CompletionStage<Verification> verify(UnverifiedJwt token) {
        return verify(token, algorithms);
    }

    /**
     * Whether the issuer signed the token. Nothing is said about its claims.
     *
     * @param accepted the algorithms that are accepted here
     * @return completed at once but for a key that nobody has seen yet: that one waits for a fetch,
     *     at most one in 5 s. Never fails
     */
    CompletionStage<Verification> verify(UnverifiedJwt token, Set<SignatureAlgorithm> accepted) {
        var now = good();
        if (now == null) {
            return knownOrFetched().thenApply(later -> judge(token, accepted, later));
        }
        var verdict = judge(token, accepted, now);
        if (!verdict.equals(new Verification.Refused(TokenFlaw.KEY_UNKNOWN))) {
            return CompletableFuture.completedStage(verdict);
        }
        var fetch = fetchForUnknownKey();
        return fetch == null
                ? CompletableFuture.completedStage(verdict)
                : fetch.thenApply(_ -> judge(token, accepted, good()));
    }

    /** Whether that key is still among the issuer's, so that what it signed still counts. */
    boolean knows(SigningKey key) {
        var now = good();
        return now != null && now.documents().keys().contains(key);
    }

    /**
     * What is wrong with the issuer, in one line for operators; empty if its last answer was good.
     */
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** When the fetch under way is over; at once if there is none. */
    CompletionStage<Void> settled() {
        synchronized (lock) {
            return fetching == null ? CompletableFuture.completedStage(null) : fetching;
        }
    }

    /** Whether anything is known that may be used. */
    public boolean isReady() {
        return good() != null;
    }

    private static Verification judge(
            UnverifiedJwt token, Set<SignatureAlgorithm> accepted, @Nullable Known known) {
        return known == null
                ? new Verification.Unavailable()
                : known.documents().keys().verify(token, accepted);
    }

    private @Nullable Known good() {
        var now = known;
        return now != null && since(now.fetchedAt()).compareTo(STALE) < 0 ? now : null;
    }

    private CompletionStage<@Nullable Known> knownOrFetched() {
        synchronized (lock) {
            var now = good();
            if (now != null) {
                return CompletableFuture.completedStage(now);
            }
            if (fetching == null && triedWithin(RETRY_EMPTY)) {
                return CompletableFuture.completedStage(null);
            }
            return fetch().thenApply(_ -> good());
        }
    }

    /**
     * The first miss fetches at once. One within 5 s of that leaves a note for {@link #maintain},
     * so that a forged key id never delays a new key by more; nobody waits for that one. Null: no
     * fetch is under way.
     */
    private @Nullable CompletionStage<Void> fetchForUnknownKey() {
        synchronized (lock) {
            if (unknownKeyAt != null && since(unknownKeyAt).compareTo(UNKNOWN_KEY_PAUSE) < 0) {
                unknownKeyWaits = true;
                return fetching;
            }
            unknownKeyAt = nanoTime.getAsLong();
            return fetch();
        }
    }

    private boolean isDue() {
        if (fetching != null) {
            return false;
        }
        if (unknownKeyWaits
                && unknownKeyAt != null
                && since(unknownKeyAt).compareTo(UNKNOWN_KEY_PAUSE) >= 0) {
            unknownKeyAt = nanoTime.getAsLong();
            return true;
        }
        var now = good();
        if (now == null) {
            return !triedWithin(RETRY_EMPTY);
        }
        return since(now.fetchedAt()).compareTo(FRESH) >= 0 && !triedWithin(RETRY_STALE);
    }

    private boolean triedWithin(Duration pause) {
        return triedAt != null && since(triedAt).compareTo(pause) < 0;
    }

    private Duration since(long nanos) {
        return Duration.ofNanos(nanoTime.getAsLong() - nanos);
    }

    /** Joins the fetch under way, or starts one. Under the lock. */
    private CompletableFuture<Void> fetch() {
        if (fetching != null) {
            return fetching;
        }
        var done = new CompletableFuture<Void>();
        fetching = done;
        unknownKeyWaits = false;
        offLoop.call(documents::fetch)
                .whenComplete((outcome, failure) -> {
                    take(
                            failure == null
                                    ? outcome
                                    : new IssuerDocuments.Failed(failure.toString()));
                    done.complete(null);
                });
        return done;
    }

    private void take(IssuerDocuments.Outcome outcome) {
        synchronized (lock) {
            fetching = null;
            triedAt = nanoTime.getAsLong();
            switch (outcome) {
                case IssuerDocuments.Fetched fetched -> {
                    known = new Known(fetched, triedAt);
                    report(null);
                }
                case IssuerDocuments.Failed(String why) -> report(why);
            }
        }
    }

    /** One line when it goes wrong, one when it is well again, none in between. */
    private void report(@Nullable String why) {
        var before = trouble;
        trouble = why;
        if (why != null && !why.equals(before)) {
            LOG.atWarn()
                    .addKeyValue("issuer", issuer())
                    .addKeyValue("why", why)
                    .log(
                            "identity provider not usable; what is known of it stays in use for a day");
        } else if (why == null && before != null) {
            LOG.atInfo().addKeyValue("issuer", issuer()).log("identity provider answers");
        }
    }
}
