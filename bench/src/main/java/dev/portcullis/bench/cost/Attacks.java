package dev.portcullis.bench.cost;

import static dev.portcullis.bench.cost.Attack.http2;
import static dev.portcullis.bench.cost.Attack.keyUpdates;
import static dev.portcullis.bench.cost.Attack.tcp;
import static dev.portcullis.bench.cost.Attack.tls;

import dev.portcullis.bench.cost.Attack.Ending;
import dev.portcullis.bench.rig.Wire;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** All of them, outermost layer first. */
final class Attacks {
    static final int FLOOD = 5_000;

    /** Each costs the JDK's client some microseconds. */
    private static final int KEY_UPDATES = 100;

    private static final String START = "GET /small HTTP/1.1\r\nHost: " + Wire.HOST + "\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: " + Wire.HOST + "\r\n";

    private static final String LONG = "Content-Length: 60000\r\n\r\n";

    private Attacks() {}

    /**
     * @param hello a whole ClientHello
     * @param cookie of a person who is signed in and means harm all the same
     */
    static List<Attack> all(ByteBuf hello, String cookie) {
        var all = new ArrayList<Attack>();
        connections(all, hello, cookie);
        heads(all, cookie);
        floods(all, cookie);
        streams(all, cookie);
        SocketAttacks.add(all, cookie);
        BalancerAttacks.add(all, hello);
        return all;
    }

    private static void connections(List<Attack> all, ByteBuf hello, String cookie) {
        all.add(tcp("silent connection", Attack.NOTHING));
        all.add(tcp("connection, reset", Attack.NOTHING).ends(Ending.RESETS));
        all.add(tcp("half a ClientHello", hello.slice(0, hello.readableBytes() / 2)));
        all.add(tcp("ClientHello, then silence", hello));
        all.add(tcp("ClientHello, then reset", hello).ends(Ending.RESETS));
        all.add(tcp("ClientHello, a byte to a record", byteByByte(hello)));
        all.add(tcp("ClientHello of 16 MiB", Wire.bytes(largeHello())));
        all.add(tcp("no TLS at all", Wire.text("GET / HTTP/1.1\r\n\r\n")));
        all.add(tls("handshake and silence", ""));
        all.add(tls("handshake and close", "").ends(Ending.CLOSES));
        all.add(
                keyUpdates("TLS: KeyUpdate after each byte of a head", START + "X-A: ")
                        .then(KEY_UPDATES, Wire.text("a")));
        all.add(
                keyUpdates("TLS: KeyUpdate after each byte of a body", POST + cookie + LONG)
                        .then(KEY_UPDATES, Wire.text("a")));
    }

    private static ByteBuf byteByByte(ByteBuf hello) {
        int length = hello.readableBytes() - 5;
        var records = new byte[6 * length];
        for (int i = 0; i < length; i++) {
            byte[] record = {22, 3, 1, 0, 1, hello.getByte(hello.readerIndex() + 5 + i)};
            System.arraycopy(record, 0, records, 6 * i, record.length);
        }
        return Wire.bytes(records);
    }

    /** Records that begin it, as many as our own bound lets through and some more. */
    private static byte[] largeHello() {
        var bytes = new byte[20_000];
        byte[] head = {22, 3, 1, 63, -1, 1, -1, -1, -1, 3, 3};
        System.arraycopy(head, 0, bytes, 0, head.length);
        return bytes;
    }

    private static void heads(List<Attack> all, String cookie) {
        all.add(tls("slow head", "GET / HTTP/1.1\r\nHo"));
        all.add(tls("head of 15 KiB, never ended", START + "X-A: " + "a".repeat(15_000)));
        all.add(tls("head of 20 KiB", START + "X-A: " + "a".repeat(20_000)));
        all.add(tls("63 fields, never ended", START + "X-A: b\r\n".repeat(62)));
        all.add(
                tls(
                        "200 cookies of our name",
                        START + "Cookie: " + "__Host-portcullis=a; ".repeat(200) + "a=b\r\n\r\n"));
        all.add(
                tls(
                        "ambiguous framing",
                        START
                                + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
        all.add(
                tls(
                        "h2c upgrade",
                        START + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"));
        all.add(tls("POST with a body, signed out", POST + LONG + "b".repeat(30_000)));
        all.add(tls("slow body, signed in", POST + cookie + LONG + "b"));
        all.add(
                tls(
                                "chunks of a byte, signed in",
                                POST + cookie + "Transfer-Encoding: chunked\r\n\r\n")
                        .then(FLOOD, Wire.text("1\r\nb\r\n")));
        all.add(
                tls(
                        "chunk extension, signed in",
                        POST
                                + cookie
                                + "Transfer-Encoding: chunked\r\n\r\n1;a="
                                + "a".repeat(10_000)));
        all.add(
                tls(
                        "100-continue and no body, signed in",
                        POST + cookie + "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n"));
    }

    private static void floods(List<Attack> all, String cookie) {
        all.add(flood("GET, signed out", START + "\r\n"));
        all.add(
                flood(
                        "GET, made-up cookie",
                        START + "Cookie: __Host-portcullis=" + "A".repeat(43) + "\r\n\r\n"));
        all.add(flood("GET, made-up token", bearer("rs")));
        all.add(flood("GET, token of an unknown key", bearer("no-such-key")));
        all.add(
                flood(
                        "sign-ins begun",
                        START.replace("/small", "/_portcullis/sign-in?return=/")
                                + "Sec-Fetch-Mode: navigate\r\n\r\n"));
        all.add(flood("answers never read, signed in", large(cookie)).ends(Ending.NEVER_READS));
    }

    private static Attack flood(String name, String request) {
        return tls("flood: " + name, "").then(200, Wire.text(request));
    }

    private static String large(String cookie) {
        return START.replace("/small", "/large") + cookie + "\r\n";
    }

    /** Shaped like a token of the issuer's, signed by nobody. */
    private static String bearer(String key) {
        var head = "{\"alg\":\"RS256\",\"kid\":\"" + key + "\",\"typ\":\"at+jwt\"}";
        return START
                + "Authorization: Bearer "
                + java.util.Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(head.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                + ".e30."
                + "A".repeat(342)
                + "\r\n\r\n";
    }

    private static void streams(List<Attack> all, String cookie) {
        all.add(http2("HTTP/2: silence", Http2Bytes.opening()));
        all.add(http2("HTTP/2: 100 open streams", hundredOpen()));
        all.add(
                http2("HTTP/2: 100 answers never read", Http2Bytes.noWindow().hundred(cookie))
                        .ends(Ending.NEVER_READS));
        all.add(http2("HTTP/2: rapid reset", resets()));
        all.add(http2("HTTP/2: MadeYouReset", madeResets()));
        all.add(http2Flood("SETTINGS flood", Http2Bytes.none().settings()));
        all.add(http2Flood("PING flood", Http2Bytes.none().ping()));
        all.add(http2Flood("PRIORITY flood", Http2Bytes.none().priority(1)));
        all.add(http2Flood("WINDOW_UPDATE flood", Http2Bytes.none().windowUpdate(0, 1)));
        all.add(http2Flood("unknown frames flood", Http2Bytes.none().unknown()));
        all.add(
                http2("HTTP/2: empty DATA flood", Http2Bytes.opening().get(1, false))
                        .then(FLOOD, Wire.bytes(Http2Bytes.none().emptyData(1).bytes())));
        all.add(
                http2("HTTP/2: CONTINUATION flood", Http2Bytes.opening().openHead(1))
                        .then(FLOOD, Wire.bytes(Http2Bytes.none().continuation(1).bytes())));
        all.add(http2("HTTP/2: HPACK bomb", Http2Bytes.opening().bomb(1)));
        all.add(http2("HTTP/2: head of 15 KiB, never ended", Http2Bytes.opening().longHead(1)));
        all.add(
                http2(
                        "HTTP/2: 100 that announce no body, never ended",
                        Http2Bytes.opening().hundredOfNothing()));
    }

    private static Attack http2Flood(String name, Http2Bytes frame) {
        return http2("HTTP/2: " + name, Http2Bytes.opening())
                .then(FLOOD, Wire.bytes(frame.bytes()));
    }

    private static Http2Bytes hundredOpen() {
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

    /** We have to reset each, for a window cannot grow by nothing (RFC 9113 §6.9). */
    private static Http2Bytes madeResets() {
        var bytes = Http2Bytes.opening();
        for (int stream = 1; stream < 2_000; stream += 2) {
            bytes.get(stream, false).windowUpdate(stream, 0);
        }
        return bytes;
    }
}
