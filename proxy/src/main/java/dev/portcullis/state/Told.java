package dev.portcullis.state;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;

/**
 * Bounds what this process makes Redis remember: so many clients of one limit at a time. Those
 * beyond are counted here alone. Any thread.
 */
final class Told {
    /** Clients of one limit; about 300 bytes each in Redis. */
    static final int CLIENTS_MAX = 20_000;

    private final int clientsMax;
    private final Cache<String, Boolean> clients;

    /**
     * @param kept for how long Redis remembers what it was told of a client
     */
    Told(int clientsMax, Duration kept, TimeMeter time) {
        this.clientsMax = clientsMax;
        this.clients =
                Caffeine.newBuilder()
                        .expireAfterWrite(kept)
                        .ticker(time::currentTimeNanos)
                        .executor(Runnable::run)
                        .build();
    }

    /** Whether Redis may be told of that client, now. */
    boolean mayTell(String client) {
        if (clients.getIfPresent(client) == null && isFull()) {
            return false;
        }
        clients.put(client, true);
        return true;
    }

    private boolean isFull() {
        if (clients.estimatedSize() < clientsMax) {
            return false;
        }
        clients.cleanUp();
        return clients.estimatedSize() >= clientsMax;
    }
}
