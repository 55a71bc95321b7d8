package dev.portcullis.config;

/**
 * The rate limits.
 *
 * @param address requests per client address; IPv6 by its /64. A first load of the Control UI takes
 *     about 115
 * @param user requests per user, from wherever they come
 * @param signIn sign-ins begun and ended per client address
 * @param tokens refused tokens per client address
 * @param messages messages and control frames that one client sends in one WebSocket
 * @param bytes bytes that one client sends in one WebSocket
 */
public record RateLimitsConfig(
        RateLimitConfig address,
        RateLimitConfig user,
        RateLimitConfig signIn,
        LockoutConfig tokens,
        RateLimitConfig messages,
        ByteRateConfig bytes) {
    private static final int SIGN_INS_PER_SECOND = 2;
    // An office behind one address in the morning.
    private static final int SIGN_IN_BURST = 100;

    static RateLimitsConfig parse(ConfigNode node) {
        return new RateLimitsConfig(
                node.block("address", RateLimitConfig::ofRequests),
                node.block("user", RateLimitConfig::ofRequests),
                node.block(
                        "sign-in",
                        block -> RateLimitConfig.parse(block, SIGN_INS_PER_SECOND, SIGN_IN_BURST)),
                node.block("tokens", LockoutConfig::parse),
                node.block("messages", RateLimitConfig::ofMessages),
                node.block("bytes", ByteRateConfig::parse));
    }
}
