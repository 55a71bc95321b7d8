package dev.portcullis.bench.cost;

import dev.portcullis.bench.rig.Wire;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** HTTP/2 frames by hand, wrong ones included (RFC 9113 §4.1, §6). */
final class Http2Bytes {
    private static final int DATA = 0x0;
    private static final int HEADERS = 0x1;
    private static final int PRIORITY = 0x2;
    private static final int RST_STREAM = 0x3;
    private static final int SETTINGS = 0x4;
    private static final int PING = 0x6;
    private static final int WINDOW_UPDATE = 0x8;
    private static final int CONTINUATION = 0x9;
    private static final int UNKNOWN = 0xFA;
    private static final int END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** The preface and empty settings. */
    static Http2Bytes opening() {
        return preface(new byte[0]);
    }

    /** The same, but no stream may be sent a byte of a body (RFC 9113 §6.5.2). */
    static Http2Bytes noWindow() {
        return preface(new byte[] {0, 4, 0, 0, 0, 0});
    }

    private static Http2Bytes preface(byte[] settings) {
        var bytes = new Http2Bytes();
        bytes.out.writeBytes(
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return bytes.frame(SETTINGS, 0, 0, settings);
    }

    static Http2Bytes none() {
        return new Http2Bytes();
    }

    /** A GET without credentials, as static indexes and one literal (RFC 7541). */
    Http2Bytes get(int stream, boolean whole) {
        return frame(HEADERS, END_HEADERS | (whole ? END_STREAM : 0), stream, getBlock());
    }

    /**
     * A hundred GETs of what is large.
     *
     * @param cookie the line of it, as in HTTP/1.1
     */
    Http2Bytes hundred(String cookie) {
        var value = cookie.substring("Cookie: ".length()).strip();
        for (int stream = 1; stream < 200; stream += 2) {
            var block = new ByteArrayOutputStream();
            block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x87});
            literal(block, 0x04, Wire.LARGE); // :path
            literal(block, 0x01, Wire.HOST); // :authority
            block.write(0x0F); // cookie is 32: 15 and 17 more
            literal(block, 32 - 15, value);
            frame(HEADERS, END_HEADERS | END_STREAM, stream, block.toByteArray());
        }
        return this;
    }

    /**
     * The opening of a WebSocket (RFC 8441 §4).
     *
     * @param cookie the line of it, as in HTTP/1.1
     */
    Http2Bytes socket(int stream, String cookie) {
        var block = new ByteArrayOutputStream();
        literal(block, 0x02, "CONNECT"); // :method
        block.write(0x87); // :scheme https
        literal(block, 0x04, Wire.SOCKET); // :path
        literal(block, 0x01, Wire.HOST); // :authority
        named(block, ":protocol", "websocket");
        named(block, "origin", "https://" + Wire.HOST);
        named(block, "sec-websocket-version", "13");
        named(block, "cookie", cookie.substring("Cookie: ".length()).strip());
        return frame(HEADERS, END_HEADERS, stream, block.toByteArray());
    }

    private static void named(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        block.write(name.length());
        block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        block.write(value.length());
        block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    Http2Bytes data(int stream, byte[] bytes) {
        return frame(DATA, 0, stream, bytes);
    }

    private static void literal(ByteArrayOutputStream block, int name, String value) {
        block.write(name);
        block.write(value.length());
        block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    Http2Bytes priority(int stream) {
        return frame(PRIORITY, 0, stream, new byte[5]);
    }

    Http2Bytes windowUpdate(int stream, int by) {
        return frame(WINDOW_UPDATE, 0, stream, new byte[] {0, 0, 0, (byte) by});
    }

    Http2Bytes unknown() {
        return frame(UNKNOWN, 0, 0, new byte[0]);
    }

    Http2Bytes reset(int stream) {
        return frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
    }

    Http2Bytes settings() {
        return frame(SETTINGS, 0, 0, new byte[0]);
    }

    Http2Bytes ping() {
        return frame(PING, 0, 0, new byte[8]);
    }

    Http2Bytes emptyData(int stream) {
        return frame(DATA, 0, stream, new byte[0]);
    }

    /** The head of a stream that CONTINUATION frames never end. */
    Http2Bytes openHead(int stream) {
        return frame(HEADERS, END_STREAM, stream, getBlock());
    }

    Http2Bytes continuation(int stream) {
        return frame(CONTINUATION, 0, stream, new byte[0]);
    }

    /** One field of 4,000 bytes into the dynamic table, then references to it. */
    Http2Bytes bomb(int stream) {
        var block = new ByteArrayOutputStream();
        block.writeBytes(getBlock());
        block.write(0x40);
        block.write(1);
        block.write('a');
        block.writeBytes(new byte[] {0x7F, (byte) (0x80 | (3900 - 127) % 128), (3900 - 127) / 128});
        block.writeBytes("b".repeat(3900).getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < 4000; i++) {
            block.write(0x80 | 62);
        }
        return frame(HEADERS, END_HEADERS | END_STREAM, stream, block.toByteArray());
    }

    /** A head whose one frame is not its last, and nothing follows. */
    Http2Bytes longHead(int stream) {
        return frame(HEADERS, END_STREAM, stream, new byte[15_000]);
    }

    /**
     * Long heads of some bytes each, by the dynamic table: their bodies are empty and do not end.
     */
    Http2Bytes hundredOfNothing() {
        var block = new ByteArrayOutputStream();
        block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x87});
        block.write(0x44); // :path, and into the table
        block.writeBytes(new byte[] {0x7F, (byte) (0x80 | (3800 - 127) % 128), (3800 - 127) / 128});
        block.writeBytes(("/?" + "q".repeat(3798)).getBytes(StandardCharsets.US_ASCII));
        block.write(0x41); // :authority
        block.write(Wire.HOST.length());
        block.writeBytes(Wire.HOST.getBytes(StandardCharsets.US_ASCII));
        block.writeBytes(new byte[] {0x5C, 1, '0'}); // content-length
        frame(HEADERS, END_HEADERS, 1, block.toByteArray());
        byte[] again = {(byte) 0x82, (byte) 0x87, (byte) 0xC0, (byte) 0xBF, (byte) 0xBE};
        for (int stream = 3; stream < 200; stream += 2) {
            frame(HEADERS, END_HEADERS, stream, again);
        }
        return this;
    }

    private static byte[] getBlock() {
        var block = new ByteArrayOutputStream();
        block.write(0x82); // :method GET
        block.write(0x87); // :scheme https
        block.write(0x84); // :path /
        block.write(0x41); // :authority, literal
        block.write(Wire.HOST.length());
        block.writeBytes(Wire.HOST.getBytes(StandardCharsets.US_ASCII));
        return block.toByteArray();
    }

    private Http2Bytes frame(int type, int flags, int stream, byte[] payload) {
        int length = payload.length;
        out.writeBytes(new byte[] {(byte) (length >> 16), (byte) (length >> 8), (byte) length});
        out.write(type);
        out.write(flags);
        out.writeBytes(
                new byte[] {
                    (byte) (stream >> 24),
                    (byte) (stream >> 16),
                    (byte) (stream >> 8),
                    (byte) stream
                });
        out.writeBytes(payload);
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
