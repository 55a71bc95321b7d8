package dev.portcullis.demo;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Accepts a WebSocket and sends every message back (RFC 6455). */
final class EchoSocket {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §1.3
    private static final int FRAME_BYTES_MAX = 26_214_400; // the Gateway's own bound
    private static final int FIN = 0x80;
    private static final int MASK = 0x80;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xA;

    private EchoSocket() {}

    /** Returns when the socket was closed. */
    static void serve(String key, InputStream in, OutputStream out) throws IOException {
        out.write(
                ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Accept: "
                                + accept(key)
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        var frames = new DataInputStream(in);
        boolean open = true;
        while (open) {
            open = echo(frames, out);
            out.flush();
        }
    }

    /** Answers one frame; false after the closing one. */
    private static boolean echo(DataInputStream in, OutputStream out) throws IOException {
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        long length = length(in, second & 0x7f);
        if ((second & MASK) == 0 || length > FRAME_BYTES_MAX) {
            throw new IOException("a frame of " + length + " bytes, masked: " + (second & MASK));
        }
        var mask = in.readNBytes(4);
        var payload = in.readNBytes((int) length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i & 3];
        }
        int code = first & 0x0f;
        if (code != PONG) {
            write(out, code == PING ? FIN | PONG : first, payload);
        }
        return code != CLOSE;
    }

    private static long length(DataInputStream in, int shortForm) throws IOException {
        return switch (shortForm) {
            case 126 -> in.readUnsignedShort();
            case 127 -> in.readLong() & Long.MAX_VALUE;
            default -> shortForm;
        };
    }

    private static void write(OutputStream out, int first, byte[] payload) throws IOException {
        out.write(first);
        if (payload.length < 126) {
            out.write(payload.length);
        } else if (payload.length < 1 << 16) {
            out.write(126);
            out.write(payload.length >>> 8);
            out.write(payload.length);
        } else {
            out.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) ((long) payload.length >>> shift));
            }
        }
        out.write(payload);
    }

    private static String accept(String key) {
        try {
            var digest =
                    MessageDigest.getInstance("SHA-1")
                            .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
