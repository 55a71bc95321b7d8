package dev.portcullis.edge;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what went wrong where it was our own fault: with the stack, once, and to the log alone. */
final class Faults {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    private Faults() {}

    static void report(@Nullable Throwable fault) {
        LOG.error("A request failed inside the proxy", fault);
    }
}
