package dev.portcullis.state;

/**
 * What Redis does in one step, so that nobody comes in between. Times are milliseconds since 1970;
 * {@code KEYS} and {@code ARGV} as each says.
 */
final class RedisScripts {
    private RedisScripts() {}

    /**
     * A new session. KEYS: session, reference, all, subject, provider's session (or subject again).
     * ARGV: now, sessions at most, key, sealed record, version, expiry, absolute end, used, by
     * whom, reference. Gives 1, or 0 if there is no room or the name is taken.
     */
    static final String PUT =
            """
            redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[1])
            if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[2])
                or redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
            redis.call('HSET', KEYS[1], 'r', ARGV[4], 'v', ARGV[5], 'u', ARGV[8], 'w', ARGV[9],
                'n', ARGV[10])
            redis.call('PEXPIREAT', KEYS[1], ARGV[6])
            redis.call('SET', KEYS[2], ARGV[3], 'PXAT', ARGV[7])
            redis.call('ZADD', KEYS[3], ARGV[6], ARGV[3])
            for i = 4, 5 do
              redis.call('SADD', KEYS[i], ARGV[3])
              redis.call('PEXPIREAT', KEYS[i], ARGV[7], 'NX')
              redis.call('PEXPIREAT', KEYS[i], ARGV[7], 'GT')
            end
            return 1
            """;

    /** A later use. KEYS: session, all. ARGV: key, used, expiry, by whom. */
    static final String USE =
            """
            local used = redis.call('HGET', KEYS[1], 'u')
            if used and tonumber(used) < tonumber(ARGV[2]) then
              redis.call('HSET', KEYS[1], 'u', ARGV[2], 'w', ARGV[4])
              redis.call('PEXPIREAT', KEYS[1], ARGV[3])
              redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
            end
            return 1
            """;

    /**
     * The next version. KEYS: session. ARGV: version before, after, sealed record, channel, word.
     */
    static final String REPLACE =
            """
            if redis.call('HGET', KEYS[1], 'v') ~= ARGV[1] then return 0 end
            redis.call('HSET', KEYS[1], 'r', ARGV[3], 'v', ARGV[2])
            redis.call('PUBLISH', ARGV[4], ARGV[5])
            return 1
            """;

    /**
     * The end, and the word of it in one step: an answer that is lost must not keep the fleet from
     * hearing. KEYS: session, all. ARGV: key, prefix of references, channel, word but for the
     * reference. Gives the sealed record, if there was one.
     */
    static final String REMOVE =
            """
            local record = redis.call('HGET', KEYS[1], 'r')
            local reference = redis.call('HGET', KEYS[1], 'n')
            redis.call('DEL', KEYS[1])
            redis.call('ZREM', KEYS[2], ARGV[1])
            if reference then
              redis.call('DEL', ARGV[2] .. reference)
              redis.call('PUBLISH', ARGV[3], ARGV[4] .. reference)
            end
            return record
            """;

    /**
     * A sign-in. KEYS: state, all sign-ins, those of the browser. ARGV: state's name, sealed
     * record, expiry, sign-ins at most, of a browser at most, prefix of states, now.
     */
    static final String PUT_SIGN_IN =
            """
            local function drop(set)
              local oldest = redis.call('ZPOPMIN', set)
              if oldest[1] then redis.call('DEL', ARGV[6] .. oldest[1]) end
              return oldest[1]
            end
            redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[7])
            if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[5]) then
              local oldest = drop(KEYS[3])
              if oldest then redis.call('ZREM', KEYS[2], oldest) end
            end
            if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then drop(KEYS[2]) end
            redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
            redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
            redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
            redis.call('PEXPIREAT', KEYS[3], ARGV[3])
            return 1
            """;

    /**
     * A failure. KEYS: failures. ARGV: how many are one too many, how long each counts, how long
     * the lock-out is. Gives how many there are, or as a negative number how long the client is
     * locked out from now on; failures meanwhile do not prolong that.
     */
    static final String FAILED =
            """
            if redis.call('GET', KEYS[1]) == 'locked' then return -redis.call('PTTL', KEYS[1]) end
            local count = redis.call('INCR', KEYS[1])
            if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
            if count < tonumber(ARGV[1]) then return count end
            redis.call('SET', KEYS[1], 'locked', 'PX', ARGV[3])
            return -tonumber(ARGV[3])
            """;

    /** A lease. KEYS: lease. ARGV: holder, until. */
    static final String LEASE =
            """
            local holder = redis.call('GET', KEYS[1])
            if holder and holder ~= ARGV[1] then return 0 end
            redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
            return 1
            """;

    /** Its end. KEYS: lease. ARGV: holder. */
    static final String RELEASE =
            """
            if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
            return 1
            """;
}
