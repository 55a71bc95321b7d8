package dev.portcullis.config;

/**
 * How many bytes one may send: a token bucket.
 *
 * @param bytesPerSecond refill, written {@code 32MiB/s}; 1 KiB to 512 MiB
 * @param burst bucket size, in bytes; the largest message of 25 MiB or more
 */
public record ByteRateConfig(long bytesPerSecond, long burst) {
    /** A bucket takes at most one token in a nanosecond, and one core moves less than this. */
    private static final String BYTES_PER_SECOND_MAX = "512MiB";

    static ByteRateConfig parse(ConfigNode node) {
        return new ByteRateConfig(
                node.value("rate", Syntax.byteRate("1KiB", BYTES_PER_SECOND_MAX), "32MiB/s"),
                node.value("burst", Syntax.size("25MiB", "1TiB"), "128MiB"));
    }
}
