package dev.portcullis.http;

import dev.portcullis.runtime.Latin1Buffer;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;

/**
 * How the heads that we write in HTTP/1.1 are put together (RFC 9112 §2.1), towards the client and
 * towards the Gateway. One head at a time on each thread.
 */
public final class HeadText {
    private static final byte[] COLON = ascii(": ");
    private static final byte[] CRLF = ascii("\r\n");

    /** One for each event loop. */
    private static final FastThreadLocal<Latin1Buffer> TEXT =
            new FastThreadLocal<>() {
                @Override
                protected Latin1Buffer initialValue() {
                    return new Latin1Buffer(2048);
                }
            };

    private HeadText() {}

    /** An empty one, which counts until the next is begun. */
    public static Latin1Buffer begin() {
        return TEXT.get().clear();
    }

    /** Adds the line of a field. */
    public static void addField(Latin1Buffer text, String name, String value) {
        text.add(name).add(COLON).add(value).add(CRLF);
    }

    /** Ends a line, or with an empty one the head. */
    public static void endLine(Latin1Buffer text) {
        text.add(CRLF);
    }

    /** A constant part of a head. */
    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
