package dev.portcullis.bench.hostile;

import java.util.List;

/**
 * How many come, in which kinds that take turns.
 *
 * @param seconds of a phase, if nothing else is said; shorter, and too many were open at once
 * @param coming the share of a phase in which they come
 */
record Mix(int connections, int seconds, double coming, List<Kind> turns) {
    /**
     * Ten thousand, of everything. Most of them are of those that stay: resets are gone at once.
     */
    static final Mix ALL =
            new Mix(
                    10_000,
                    30,
                    0.6,
                    List.of(
                            Kind.SLOW_HEAD,
                            Kind.HALF_HANDSHAKE,
                            Kind.SLOW_HEAD,
                            Kind.HALF_HELLO,
                            Kind.RESET,
                            Kind.SLOW_HEAD,
                            Kind.HALF_HANDSHAKE,
                            Kind.FLOOD,
                            Kind.SLOW_HEAD,
                            Kind.HALF_HELLO,
                            Kind.SLOW_HEAD,
                            Kind.HALF_HANDSHAKE,
                            Kind.RESET,
                            Kind.SLOW_HEAD,
                            Kind.HALF_HANDSHAKE,
                            Kind.GUESS));

    /** Ten thousand slow heads and ten thousand half handshakes, and nothing else. */
    static final Mix SLOW = new Mix(20_000, 55, 0.8, List.of(Kind.SLOW_HEAD, Kind.HALF_HANDSHAKE));

    Kind kind(int number) {
        return turns.get(number % turns.size());
    }
}
