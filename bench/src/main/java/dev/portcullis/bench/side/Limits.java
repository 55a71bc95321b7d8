package dev.portcullis.bench.side;

/** Limits of Portcullis for one user on one address who does the work of thousands. */
final class Limits {
    /** Raised by the configuration, none switched off. */
    static final String RAISED =
            """
            rate-limits: { address: { rate: 100000/s, burst: 1000000 } }
            limits:
              connections: 20000
              connections-per-address: 20000
              sockets-per-user: 10000
              gateway-connections: 20000
              socket-idle: 10m
              audit-queue: 100000
              drain-jitter: 0s
              drain-grace: 0s
            """;

    private Limits() {}
}
