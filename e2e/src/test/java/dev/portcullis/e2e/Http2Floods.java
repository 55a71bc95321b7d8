package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What somebody hostile sends over HTTP/2 (RFC 9113 §10.5), more of each than any limit allows. */
final class Http2Floods {
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private Http2Floods() {}

    /**
     * Each by its name.
     *
     * @param cookie of somebody who is signed in
     */
    static Map<String, byte[]> all(String cookie) {
        var floods = new LinkedHashMap<String, byte[]>();
        floods.put("PING", times(500, _ -> frame(PING, 0, 0, new byte[8])));
        floods.put("SETTINGS", times(500, _ -> frame(SETTINGS, 0, 0, new byte[0])));
        floods.put(
                "rapid reset",
                times(
                        300,
                        i ->
                                joined(
                                        request(cookie, 1 + 2 * i, END_STREAM | END_HEADERS),
                                        frame(RST_STREAM, 0, 1 + 2 * i, new byte[4]))));
        floods.put(
                "MadeYouReset",
                times(
                        300,
                        i ->
                                joined(
                                        request(cookie, 1 + 2 * i, END_HEADERS),
                                        frame(WINDOW_UPDATE, 0, 1 + 2 * i, new byte[4]))));
        floods.put(
                "CONTINUATION",
                joined(
                        frame(HEADERS, END_STREAM, 1, new byte[0]),
                        times(500, _ -> frame(CONTINUATION, 0, 1, new byte[1]))));
        return floods;
    }

    /** Behind what opens a connection. */
    static byte[] begun(byte[] flood) {
        var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        return joined(preface, frame(SETTINGS, 0, 0, new byte[0]), flood);
    }

    /** A whole head, each field a literal that nobody need remember (RFC 7541 §6.2.2). */
    private static byte[] request(String cookie, int stream, int flags) {
        var block = new ByteArrayOutputStream();
        boolean bodiless = (flags & END_STREAM) != 0;
        var fields =
                List.of(
                        ":method",
                        bodiless ? "GET" : "POST",
                        ":scheme",
                        "https",
                        ":authority",
                        TestCertificates.DOOR,
                        ":path",
                        "/flood",
                        "origin",
                        "https://" + TestCertificates.DOOR,
                        "cookie",
                        cookie);
        for (int i = 0; i < fields.size(); i += 2) {
            block.write(0);
            block.writeBytes(text(fields.get(i)));
            block.writeBytes(text(fields.get(i + 1)));
        }
        return frame(HEADERS, flags, stream, block.toByteArray());
    }

    private static byte[] text(String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        assertThat(bytes).hasSizeLessThan(127); // Else its length would take another byte.
        return joined(new byte[] {(byte) bytes.length}, bytes);
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        int length = payload.length;
        return joined(
                new byte[] {
                    (byte) (length >> 16),
                    (byte) (length >> 8),
                    (byte) length,
                    (byte) type,
                    (byte) flags,
                    (byte) (stream >> 24),
                    (byte) (stream >> 16),
                    (byte) (stream >> 8),
                    (byte) stream
                },
                payload);
    }

    private static byte[] times(int count, java.util.function.IntFunction<byte[]> one) {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes(one.apply(i));
        }
        return all.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
