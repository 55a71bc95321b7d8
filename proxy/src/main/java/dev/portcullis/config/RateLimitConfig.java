package dev.portcullis.config;

/**
 * How fast one may go: a token bucket.
 *
 * @param ratePerSecond refill, in requests per second, written {@code 50/s}; 1 to 100 000
 * @param burst bucket size, in requests; {@code ratePerSecond} to 1 000 000
 */
public record RateLimitConfig(int ratePerSecond, int burst) {
    private static final int RATE_MAX = 100_000;
    private static final int BURST_MAX = 1_000_000;
    private static final int BURST = 400;
    // A first load of the Control UI is about 115 requests at once.
    private static final int FIRST_LOAD = 150;

    static RateLimitConfig parse(ConfigNode node) {
        int rate = node.value("rate", Syntax.rate(1, RATE_MAX), "50/s");
        var fallback = String.valueOf(Math.max(rate, BURST));
        int burst = node.value("burst", Syntax.number(rate, BURST_MAX), fallback);
        if (burst < FIRST_LOAD) {
            node.warn("burst", burst + " is less than a first load of the Control UI needs (150)");
        }
        return new RateLimitConfig(rate, burst);
    }
}
