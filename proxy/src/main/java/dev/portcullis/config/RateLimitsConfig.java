package dev.portcullis.config;

/**
 * The rate limits.
 *
 * @param address requests per client address; IPv6 by its /64. A first load of the Control UI takes
 *     about 115
 */
public record RateLimitsConfig(RateLimitConfig address) {}
