package dev.portcullis.config;

/**
 * How fast one may go: a token bucket.
 *
 * @param ratePerSecond refill, in requests per second, written {@code 50/s}; 1 to 100 000
 * @param burst bucket size, in requests; {@code ratePerSecond} to 1 000 000
 */
public record RateLimitConfig(int ratePerSecond, int burst) {}
