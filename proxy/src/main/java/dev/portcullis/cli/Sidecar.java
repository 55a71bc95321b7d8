package dev.portcullis.cli;

import dev.portcullis.config.ConfigFile.Origin;
import dev.portcullis.config.FileStamp;
import dev.portcullis.config.PortcullisConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A running sidecar, as the {@code run} command sees it. */
public interface Sidecar {
    /** What it listens on and what it stands before, in one line for a person. */
    String summary();

    /**
     * Takes no new connections, lets the open ones end, and returns when everything is closed: the
     * audit log last. Bounded by the drain limits.
     */
    void drain();

    /** Has {@link #drain} wait no longer: close frames go out at once, then it is over. */
    void cut();

    /** Starts one. */
    @FunctionalInterface
    interface Starter {
        /**
         * Starts a sidecar; when it returns, every listener is bound.
         *
         * @param origin where the configuration came from, to be read again
         * @param files that were read for it, to be watched
         * @throws IOException if a port or a folder cannot be had; the message names the key and
         *     the value, and nothing is left running
         */
        Sidecar start(PortcullisConfig config, Origin origin, Map<Path, FileStamp> files)
                throws IOException;
    }
}
