package dev.portcullis.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes requests that are nearly right: first from the grammar, with odd parts in odd places, then
 * changed byte by byte. The same seed makes the same requests.
 */
final class Mutator {
    private static final List<String> METHODS =
            List.of(
                    "GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE",
                    "OPTIONS", "get", "TRACE", "CONNECT", "PRI", "G\tET");
    private static final List<String> PIECES =
            List.of(
                    "/",
                    "/",
                    "/a",
                    "/chat/x",
                    "/tools/invoke",
                    "/%41",
                    "/%2e",
                    "/..",
                    "/.",
                    "//",
                    "?x=1",
                    "?",
                    "&y=%2F",
                    "/j/k",
                    "/_~!$&'()*+,=:@",
                    "%",
                    "%zz",
                    "#f",
                    "\\",
                    " ",
                    "/\u00e9",
                    ";v");
    private static final List<String> NAMES =
            List.of(
                    "Accept",
                    "Accept-Language",
                    "Cookie",
                    "Cookie",
                    "Origin",
                    "Referer",
                    "User-Agent",
                    "If-None-Match",
                    "Range",
                    "Content-Type",
                    "Idempotency-Key",
                    "Cache-Control",
                    "Pragma",
                    "Sec-Fetch-Site",
                    "X-Forwarded-User",
                    "X_Forwarded_For",
                    "X-OpenClaw-Scopes",
                    "Forwarded",
                    "Connection",
                    "Transfer-Encoding",
                    "Content-Length",
                    "TE",
                    "Trailer",
                    "Expect",
                    "Upgrade",
                    "Keep-Alive",
                    "Host",
                    "Last-Event-ID",
                    "X-OpenClaw-Requester-Session-Key",
                    "X y",
                    "");
    private static final List<String> VALUES =
            List.of(
                    "a",
                    "*/*",
                    "text/html, */*;q=0.8",
                    "a=b; c=d",
                    "__Host-portcullis=x; y=z",
                    "https://claw.test",
                    "close",
                    "keep-alive, x-forwarded-user",
                    "chunked",
                    "gzip, chunked",
                    "3",
                    "0",
                    "+3",
                    "03",
                    "\"quoted \\\" text\"",
                    "\u00e9\u00ff",
                    "a\tb",
                    " a ",
                    "",
                    "bytes=0-1",
                    "100-continue",
                    "websocket",
                    "a\u0000b",
                    "a\rb",
                    "a\nb",
                    "trailers",
                    "a, b,c",
                    ":",
                    "x: y",
                    "%0d%0a");
    private static final byte[] ODD = {
        '\r',
        '\n',
        ' ',
        '\t',
        0,
        ':',
        ',',
        ';',
        '%',
        '/',
        '0',
        '3',
        (byte) 0x85,
        (byte) 0xa0,
        (byte) 0xff,
        '_'
    };

    private final SplittableRandom random;

    Mutator(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** The bytes of one connection: mostly one request, at times two. */
    byte[] next() {
        var out = new ByteArrayOutputStream();
        do {
            out.writeBytes(request().getBytes(StandardCharsets.ISO_8859_1));
        } while (chance(8));
        var bytes = out.toByteArray();
        for (int changes = chance(2) ? 0 : 1 + random.nextInt(3); changes > 0; changes--) {
            bytes = changed(bytes);
        }
        return bytes;
    }

    private String request() {
        var text = new StringBuilder(chance(12) ? any(METHODS) : METHODS.get(random.nextInt(10)));
        text.append(' ').append(target()).append(" HTTP/1.1\r\nHost: claw.test\r\n");
        for (int fields = random.nextInt(6); fields > 0; fields--) {
            // Half of them right, so that enough of the requests pass.
            var name = !chance(5) ? NAMES.get(random.nextInt(14)) : any(NAMES);
            var value = !chance(5) ? VALUES.get(random.nextInt(6)) : any(VALUES);
            text.append(name).append(chance(20) ? " :" : chance(3) ? ":" : ": ").append(value);
            text.append(chance(60) ? "\n" : "\r\n");
        }
        return body(text);
    }

    private String target() {
        var target = new StringBuilder("/");
        for (int pieces = random.nextInt(4); pieces > 0; pieces--) {
            target.append(chance(3) ? any(PIECES) : PIECES.get(2 + random.nextInt(4)));
        }
        return target.toString();
    }

    private String body(StringBuilder head) {
        var data =
                "x".repeat(random.nextInt(20))
                        + (chance(4) ? "GET /smuggled HTTP/1.1\r\n\r\n" : "");
        return switch (random.nextInt(4)) {
            case 0 ->
                    head.append("Content-Length: " + data.length() + "\r\n\r\n" + data).toString();
            case 1 -> head.append("Transfer-Encoding: chunked\r\n\r\n" + chunks(data)).toString();
            default -> head.append("\r\n").toString();
        };
    }

    private String chunks(String data) {
        var chunks = new StringBuilder();
        for (int at = 0; at < data.length(); ) {
            int length = Math.min(1 + random.nextInt(12), data.length() - at);
            chunks.append(chance(3) ? "0" : "").append(Integer.toHexString(length));
            chunks.append(chance(40) ? ";ext=1" : "").append("\r\n");
            chunks.append(data, at, at + length).append("\r\n");
            at += length;
        }
        return chunks.append(chance(3) ? "00" : "0")
                .append("\r\n")
                .append(chance(6) ? "x-t: y\r\n" : "")
                .append("\r\n")
                .toString();
    }

    private byte[] changed(byte[] bytes) {
        int at = random.nextInt(bytes.length);
        var out = new ByteArrayOutputStream(bytes.length + 1);
        out.write(bytes, 0, at);
        switch (random.nextInt(4)) {
            case 0 -> out.write(ODD[random.nextInt(ODD.length)]); // instead of what stands there
            case 1 -> { // before it
                out.write(ODD[random.nextInt(ODD.length)]);
                out.write(bytes[at]);
            }
            case 2 -> { // twice
                out.write(bytes[at]);
                out.write(bytes[at]);
            }
            default -> {} // gone
        }
        out.write(bytes, at + 1, bytes.length - at - 1);
        return out.size() == 0 ? bytes : out.toByteArray();
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private String any(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
