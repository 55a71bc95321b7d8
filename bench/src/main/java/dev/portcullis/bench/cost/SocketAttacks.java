package dev.portcullis.bench.cost;

import static dev.portcullis.bench.cost.Attack.http2;
import static dev.portcullis.bench.cost.Attack.socket;

import dev.portcullis.bench.cost.Attack.Ending;
import dev.portcullis.bench.rig.Wire;
import java.util.List;

/** Those on WebSockets, over HTTP/1.1 and in streams of HTTP/2. */
final class SocketAttacks {
    /** A user may have a thousand here, and there are 500 connections. */
    private static final int OF_A_CONNECTION = 2;

    /** 25 KiB: less than what a connection may send before its window grows (RFC 9113 §6.9.2). */
    private static final int ECHOES = 200;

    private SocketAttacks() {}

    /**
     * @param cookie of a person who is signed in and means harm all the same
     */
    static void add(List<Attack> all, String cookie) {
        var empty = new byte[] {0, (byte) 0x80, 0, 0, 0, 0};
        var ping = new byte[] {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0};
        var tooLong = new byte[70_000];
        System.arraycopy(
                new byte[] {(byte) 0x82, (byte) 0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0},
                0,
                tooLong,
                0,
                14);
        all.add(socket("WebSocket: silence"));
        all.add(socket("WebSocket: half a frame head", (byte) 0x82));
        all.add(socket("WebSocket: no mask", (byte) 0x82, (byte) 1, (byte) 0));
        all.add(socket("WebSocket: 64 KiB + 1 before connect", tooLong));
        all.add(
                socket(
                                "WebSocket: fragments of nothing",
                                (byte) 2,
                                (byte) 0x80,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0)
                        .then(Attacks.FLOOD, Wire.bytes(empty)));
        all.add(socket("WebSocket: PING flood").then(Attacks.FLOOD, Wire.bytes(ping)));
        all.add(
                http2("RFC 8441: 2 sockets that never read", unread(cookie))
                        .ends(Ending.NEVER_READS));
    }

    /** What is sent is echoed, and nothing may come back: no stream has a window. */
    private static Http2Bytes unread(String cookie) {
        var bytes = Http2Bytes.noWindow();
        var echoed = new byte[6 + 120];
        echoed[0] = (byte) 0x82;
        echoed[1] = (byte) (0x80 | 120);
        for (int stream = 1; stream < 2 * OF_A_CONNECTION; stream += 2) {
            bytes.socket(stream, cookie);
        }
        for (int stream = 1; stream < 2 * OF_A_CONNECTION; stream += 2) {
            for (int i = 0; i < ECHOES; i++) {
                bytes.data(stream, echoed);
            }
        }
        return bytes;
    }
}
