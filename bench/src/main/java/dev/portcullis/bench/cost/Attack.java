package dev.portcullis.bench.cost;

import dev.portcullis.bench.rig.Wire;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * One attack: what each of its connections sends.
 *
 * @param name for the table
 * @param layer how far the connection goes before
 * @param opening bytes sent once
 * @param repeated bytes sent again and again, as fast as they are taken; empty for none
 * @param times how often
 */
record Attack(String name, Layer layer, ByteBuf opening, ByteBuf repeated, int times) {
    /** What stands before the bytes. */
    enum Layer {
        /** The bytes themselves come where a ClientHello is due. */
        TCP,
        /** A handshake, and HTTP/1.1. */
        TLS,
        /** A handshake that agrees on HTTP/2. */
        HTTP2
    }

    private static final ByteBuf NOTHING = Wire.text("");
    private static final String START = "GET /small HTTP/1.1\r\nHost: " + Wire.HOST + "\r\n";

    /**
     * @param cookie of a person who is signed in and means harm all the same
     */
    static List<Attack> all(String cookie) {
        return List.of(
                tcp("silent connection", ""),
                tcp("half a ClientHello", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000"),
                tcp("no TLS at all", "GET / HTTP/1.1\r\n\r\n"),
                tls("handshake and silence", ""),
                tls("slow head", "GET / HTTP/1.1\r\nHo"),
                tls("head of 15 KiB, never ended", START + "X-A: " + "a".repeat(15_000)),
                tls("63 fields, never ended", START + "X-A: b\r\n".repeat(62)),
                tls(
                        "ambiguous framing",
                        START + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                tls(
                        "POST with a body, signed out",
                        "POST / HTTP/1.1\r\nHost: "
                                + Wire.HOST
                                + "\r\nContent-Length: 60000\r\n\r\n"
                                + "b".repeat(30_000)),
                flood("GET, signed out", START + "\r\n"),
                flood(
                        "GET, made-up cookie",
                        START + "Cookie: __Host-portcullis=" + "A".repeat(43) + "\r\n\r\n"),
                flood(
                        "GET, made-up token",
                        START + "Authorization: Bearer " + forged() + "\r\n\r\n"),
                flood(
                        "answers never read, signed in",
                        START.replace("/small", "/large") + cookie + "\r\n"),
                http2("HTTP/2: silence", Http2Bytes.opening(), Http2Bytes.none(), 0),
                http2("HTTP/2: 100 open streams", streams(), Http2Bytes.none(), 0),
                http2("HTTP/2: rapid reset", Http2Bytes.opening(), Http2Bytes.none(), 0)
                        .with(resets()),
                http2(
                        "HTTP/2: SETTINGS flood",
                        Http2Bytes.opening(),
                        Http2Bytes.none().settings(),
                        5_000),
                http2("HTTP/2: PING flood", Http2Bytes.opening(), Http2Bytes.none().ping(), 5_000),
                http2(
                        "HTTP/2: empty DATA flood",
                        Http2Bytes.opening().get(1, false),
                        Http2Bytes.none().emptyData(1),
                        5_000),
                http2(
                        "HTTP/2: CONTINUATION flood",
                        Http2Bytes.opening().openHead(1),
                        Http2Bytes.none().continuation(1),
                        5_000),
                http2("HTTP/2: HPACK bomb", Http2Bytes.opening().bomb(1), Http2Bytes.none(), 0));
    }

    private static Attack tcp(String name, String bytes) {
        return new Attack(name, Layer.TCP, Wire.text(bytes), NOTHING, 0);
    }

    private static Attack tls(String name, String bytes) {
        return new Attack(name, Layer.TLS, Wire.text(bytes), NOTHING, 0);
    }

    private static Attack flood(String name, String request) {
        return new Attack("flood: " + name, Layer.TLS, NOTHING, Wire.text(request), 200);
    }

    private static Attack http2(String name, Http2Bytes opening, Http2Bytes repeated, int times) {
        return new Attack(
                name,
                Layer.HTTP2,
                Wire.bytes(opening.bytes()),
                Wire.bytes(repeated.bytes()),
                times);
    }

    private Attack with(Http2Bytes bytes) {
        return new Attack(name, layer, Wire.bytes(bytes.bytes()), repeated, times);
    }

    private static Http2Bytes streams() {
        var bytes = Http2Bytes.opening();
        for (int stream = 1; stream < 200; stream += 2) {
            bytes.get(stream, false);
        }
        return bytes;
    }

    private static Http2Bytes resets() {
        var bytes = Http2Bytes.opening();
        for (int stream = 1; stream < 2_000; stream += 2) {
            bytes.get(stream, true).reset(stream);
        }
        return bytes;
    }

    /** Shaped like a token of the issuer's, signed by nobody. */
    private static String forged() {
        return "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzIiwidHlwIjoiYXQrand0In0."
                + "e30."
                + "A".repeat(342);
    }
}
