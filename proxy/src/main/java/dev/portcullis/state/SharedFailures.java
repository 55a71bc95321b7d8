package dev.portcullis.state;

import dev.portcullis.policy.Lockout;
import dev.portcullis.policy.RateLimit.Verdict;
import java.util.function.Function;

/**
 * Failures that a fleet counts together. What this process has counted decides, at once; each
 * failure is told to Redis in the background, and the answer brings what the others have counted.
 * So of somebody who goes from sidecar to sidecar each bears one failure more at the most. While
 * Redis is away each counts alone. Any thread; never blocks.
 *
 * @param <K> what one client is
 */
final class SharedFailures<K> implements Lockout<K> {
    private final FailureCounts<K> here;
    private final Function<K, String> name;
    private final RedisFailures fleet;
    private final Told told;

    /**
     * @param name the client's failures in Redis
     * @param told for which clients there may be some there
     */
    SharedFailures(
            FailureCounts<K> here, Function<K, String> name, RedisFailures fleet, Told told) {
        this.here = here;
        this.name = name;
        this.fleet = fleet;
        this.told = told;
    }

    @Override
    public Verdict failed(K client) {
        var verdict = here.failed(client);
        if (verdict instanceof Verdict.Allowed) {
            var failures = name.apply(client);
            if (told.mayTell(failures)) {
                var _ =
                        fleet.failed(failures)
                                .thenAccept(
                                        all -> here.learn(client, all.count(), all.lockedFor()));
            }
        }
        return verdict;
    }
}
