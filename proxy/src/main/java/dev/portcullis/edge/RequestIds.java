package dev.portcullis.edge;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names for requests, on answers and in every line about them. Not secret, and not sequential. */
final class RequestIds {
    private RequestIds() {}

    /** Sixteen hexadecimal digits. */
    static String next() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
