package dev.portcullis.config;

/**
 * How fast one may go: a token bucket.
 *
 * @param ratePerSecond refill, in requests per second, written {@code 50/s}; at least 1
 * @param burst bucket size, in requests; at least {@code ratePerSecond}
 */
public record RateLimitConfig(int ratePerSecond, int burst) {
    private static final int RATE_MAX = 100_000;
    private static final int BURST_MAX = 1_000_000;
    private static final int MESSAGES_MAX = 100_000_000;
    // A first load of the Control UI is about 115 requests at once.
    private static final int FIRST_LOAD = 150;

    /** Of what a page load takes many of. */
    static RateLimitConfig ofRequests(ConfigNode node) {
        var limit = parse(node, 50, 400);
        if (limit.burst() < FIRST_LOAD) {
            node.warn(
                    "burst",
                    limit.burst() + " is less than a first load of the Control UI needs (150)");
        }
        return limit;
    }

    /** Of messages inside a WebSocket, which are small and many. */
    static RateLimitConfig ofMessages(ConfigNode node) {
        return parse(node, 500, 5000, MESSAGES_MAX, MESSAGES_MAX);
    }

    /** Of anything else. */
    static RateLimitConfig parse(ConfigNode node, int defaultRate, int defaultBurst) {
        return parse(node, defaultRate, defaultBurst, RATE_MAX, BURST_MAX);
    }

    private static RateLimitConfig parse(
            ConfigNode node, int defaultRate, int defaultBurst, int rateMax, int burstMax) {
        int rate = node.value("rate", Syntax.rate(1, rateMax), defaultRate + "/s");
        var fallback = String.valueOf(Math.max(rate, defaultBurst));
        return new RateLimitConfig(
                rate, node.value("burst", Syntax.number(rate, burstMax), fallback));
    }
}
