package dev.portcullis.bench.rig;

/**
 * Limits that a configuration raises, so that one user on one address can do the work of thousands.
 * None is switched off.
 */
public final class Raised {
    private Raised() {}

    /** For a comparison, whose load is one user's on one address. */
    public static String all() {
        return """
        rate-limits:
          address: { rate: 100000/s, burst: 1000000 }
          user: { rate: 100000/s, burst: 1000000 }
          messages: { rate: 10000000/s, burst: 10000000 }
          bytes: { rate: 512MiB/s, burst: 1GiB }
        limits:
          connections: 9000
          connections-per-address: 9000
          handshakes: 9000
          requests-per-user: 10000
          sockets-per-user: 10000
          gateway-connections: 9000
          socket-idle: 10m
          audit-queue: 100000
          drain-jitter: 0s
          drain-grace: 0s
        """;
    }

    /** For many addresses of one user: what holds for an address is as it ships. */
    public static String ofOneUser() {
        return """
        rate-limits:
          user: { rate: 100000/s, burst: 1000000 }
        limits:
          requests-per-user: 10000
          sockets-per-user: 10000
          gateway-connections: 8000
          drain-jitter: 0s
          drain-grace: 0s
        """;
    }

    /**
     * For attacks: everything as it ships, but for a stop that waits for nobody, and for one user
     * who is all of the attackers that have to be signed in.
     */
    public static String forAttacks() {
        return """
        rate-limits:
          user: { rate: 100000/s, burst: 1000000 }
        limits:
          requests-per-user: 100000
          sockets-per-user: 1000
          drain-jitter: 0s
          drain-grace: 0s
        """;
    }

    /** The same, and the attackers' addresses are trusted as a balancer's. */
    public static String forAttacksOfBalancers() {
        return forAttacks() + "trusted-balancers: [127.0.2.0/24]\n";
    }
}
