package dev.portcullis.state;

import dev.portcullis.config.LimitsConfig;
import java.time.Duration;

/**
 * How much a store may hold.
 *
 * @param sessions in all; beyond it nobody new is let in
 * @param signIns under way in all; beyond it the oldest gives way
 * @param signInTime how long one sign-in may take
 * @param ids of one kind that are remembered so that they are used once; beyond it none is taken
 */
public record StoreSizes(int sessions, int signIns, Duration signInTime, int ids) {
    /** As configured. */
    public static StoreSizes of(LimitsConfig limits) {
        return new StoreSizes(
                limits.sessions(), limits.signIns(), limits.signInTime(), limits.rememberedIds());
    }

    /** Changes that may wait for the disk: each thing there is, appearing and going. */
    int changesMax() {
        return (int) Math.min(Integer.MAX_VALUE, 2L * (sessions + signIns + 2L * ids));
    }
}
