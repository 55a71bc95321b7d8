package dev.portcullis.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** The bytes that all sides agree on. */
public final class Wire {
    /** The name of every proxy, in SNI, Host and Origin. */
    public static final String HOST = "claw.example.com";

    /** Who is signed in. */
    public static final String USER = "alice@example.com";

    /** The paths of the Gateway, with what they answer. */
    public static final String SMALL = "/small";

    /** 100 KiB. */
    public static final String LARGE = "/large";

    /** Echoes frames. */
    public static final String SOCKET = "/";

    private static final ByteBuf SMALL_BODY = noise(1024);
    private static final ByteBuf LARGE_BODY = noise(100 * 1024);

    private Wire() {}

    /** What the Gateway answers there: the same in every run, and no two pieces of it alike. */
    public static ByteBuf body(String path) {
        return path.equals(LARGE) ? LARGE_BODY.duplicate() : SMALL_BODY.duplicate();
    }

    /** A GET. */
    public static ByteBuf get(String path, String credentials) {
        return text(
                "GET "
                        + path
                        + " HTTP/1.1\r\nHost: "
                        + HOST
                        + "\r\nUser-Agent: bench\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n"
                        + credentials
                        + "\r\n");
    }

    /** The opening of a WebSocket. */
    public static ByteBuf upgrade(String credentials) {
        return text(
                "GET "
                        + SOCKET
                        + " HTTP/1.1\r\nHost: "
                        + HOST
                        + "\r\nOrigin: https://"
                        + HOST
                        + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + credentials
                        + "\r\n");
    }

    /** Characters as bytes, in memory that no collector moves. */
    public static ByteBuf text(String text) {
        return bytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static ByteBuf noise(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes(bytes);
    }

    /** These bytes, in memory that no collector moves. */
    public static ByteBuf bytes(byte[] bytes) {
        return Unpooled.unreleasableBuffer(
                Unpooled.directBuffer(bytes.length).writeBytes(bytes).asReadOnly());
    }
}
