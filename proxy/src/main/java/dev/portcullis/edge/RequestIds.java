package dev.portcullis.edge;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names for requests, on answers and in every line about them. Not secret, and not sequential. */
final class RequestIds {
    private RequestIds() {}

    /** Any of 2^64. */
    static long next() {
        return ThreadLocalRandom.current().nextLong();
    }

    /** Sixteen hexadecimal digits. */
    static String name(long id) {
        return HexFormat.of().toHexDigits(id);
    }
}
