package dev.portcullis.cli;

import dev.portcullis.config.PortcullisConfig;
import java.io.IOException;

/** A running sidecar, as the {@code run} command sees it. */
public interface Sidecar {
    /** What it listens on and what it stands before, in one line for a person. */
    String summary();

    /**
     * Takes no new connections, lets the open ones end, and returns when everything is closed: the
     * audit log last. Bounded by the drain limits.
     */
    void drain();

    /** Cuts what {@link #drain} still waits for. Any thread. */
    void cut();

    /** Starts one. */
    @FunctionalInterface
    interface Starter {
        /**
         * Starts a sidecar; when it returns, every listener is bound.
         *
         * @throws IOException if a port or a folder cannot be had; the message names the key and
         *     the value, and nothing is left running
         */
        Sidecar start(PortcullisConfig config) throws IOException;
    }
}
