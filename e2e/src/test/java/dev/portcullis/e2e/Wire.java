package dev.portcullis.e2e;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads HTTP/1.1 messages from a stream, for both ends of the wire (RFC 9112). */
final class Wire {
    private static final int HEAD_MAX = 1 << 20;

    private Wire() {}

    /**
     * The next head up to and with its empty line, byte for byte.
     *
     * @return empty if the stream ends before the first byte
     */
    static String head(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        int last4 = 0;
        while (head.size() < HEAD_MAX) {
            int b = in.read();
            if (b < 0) {
                if (head.size() == 0) {
                    return "";
                }
                throw new EOFException(
                        "the stream ended inside a head:\n"
                                + head.toString(StandardCharsets.ISO_8859_1));
            }
            head.write(b);
            last4 = last4 << 8 | b;
            if (last4 == 0x0D0A0D0A) {
                return head.toString(StandardCharsets.ISO_8859_1);
            }
        }
        throw new IOException("a head above " + HEAD_MAX + " bytes");
    }

    /** The fields of a head by lower-case name. */
    static Map<String, List<String>> fields(String head) {
        var fields = new LinkedHashMap<String, List<String>>();
        head.lines()
                .skip(1)
                .filter(line -> !line.isEmpty())
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    var name = line.substring(0, colon).toLowerCase(Locale.ROOT);
                    fields.computeIfAbsent(name, n -> new ArrayList<>())
                            .add(line.substring(colon + 1).strip());
                });
        return fields;
    }

    /** The body that the fields announce: chunked, by length, or none. Trailers are dropped. */
    static byte[] body(InputStream in, Map<String, List<String>> fields) throws IOException {
        if (fields.containsKey("transfer-encoding")) {
            return chunks(in);
        }
        var length = fields.getOrDefault("content-length", List.of("0")).getFirst();
        return exactly(in, Integer.parseInt(length));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            if (size == 0) {
                while (!line(in).isEmpty()) {
                    // Trailers.
                }
                return body.toByteArray();
            }
            body.write(exactly(in, size));
            line(in);
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the stream ended inside a body");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    /** So many bytes. */
    static byte[] exactly(InputStream in, int length) throws IOException {
        var bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException(
                    "the stream ended after " + bytes.length + " bytes (expected: " + length + ")");
        }
        return bytes;
    }
}
