package dev.portcullis.state;

import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.session.SessionStore;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A store as whoever opened it holds it: it can be closed, and says how it is. */
public interface OpenStore extends SessionStore, AutoCloseable {
    /**
     * The store that the configuration asks for.
     *
     * @param redis where a fleet's is, null for a file; stays open when the store is closed
     * @param now wall-clock time: what is over is not taken up
     * @throws IOException says in one line what is wrong
     */
    static OpenStore open(PortcullisConfig config, @Nullable RedisLink redis, Instant now)
            throws IOException {
        var state = config.state();
        var limits = config.limits();
        var sizes = StoreSizes.of(limits);
        if (redis == null) {
            return FileSessionStore.open(
                    state.directory(), state.keys(), sizes, now, System::nanoTime);
        }
        var keys = KeyFile.read(state.keys());
        var names = RedisNames.of(config.publicOrigin().origin());
        var self = UUID.randomUUID().toString();
        return new RedisSessionStore(
                self, redis, keys, names, sizes, limits.storeGrace(), System::nanoTime);
    }

    /** How many sessions there are. */
    int sessionCount();

    /** What is wrong with it, in a line for operators. */
    Optional<String> trouble();

    /** Writes what is not written yet, and lets go; blocks for at most some seconds. */
    @Override
    void close();
}
