package dev.portcullis.policy;

import dev.portcullis.policy.RateLimit.Verdict;

/**
 * Who failed too often, and is to be refused for a while without being told more. Any thread; never
 * blocks.
 *
 * @param <K> what one client is: an address, a token's name
 */
public interface Lockout<K> {
    /**
     * Counts a failure in.
     *
     * @return refused if the client was locked out before; the failure that is one too many is
     *     still answered as what it is, and the next one no more
     */
    Verdict failed(K client);
}
