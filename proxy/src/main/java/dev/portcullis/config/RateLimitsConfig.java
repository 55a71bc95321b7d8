package dev.portcullis.config;

/**
 * The rate limits.
 *
 * @param address requests per client address; IPv6 by its /64. A first load of the Control UI takes
 *     about 115
 */
public record RateLimitsConfig(RateLimitConfig address) {
    static RateLimitsConfig parse(ConfigNode node) {
        var address = node.block("address", RateLimitConfig::parse);
        node.notInThisRelease("user");
        node.notInThisRelease("sign-in");
        node.notInThisRelease("tokens");
        node.notInThisRelease("messages");
        node.notInThisRelease("bytes");
        return new RateLimitsConfig(address);
    }
}
