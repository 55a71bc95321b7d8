package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Http2Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are not one clear request end in a word and a closed door, for the signed-in too. */
class RefusalTest {
    @TempDir static Path folder;
    private static TestDoor door;
    private static String alice;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder);
        alice = door.signIn("alice@example.com");
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @BeforeEach
    void startOver() {
        door.gateway().startOver();
    }

    static Stream<Arguments> framings() {
        return Stream.of(
                Arguments.of(400, "Content-Length: 3\r\nTransfer-Encoding: chunked"),
                Arguments.of(400, "Transfer-Encoding: chunked\r\nContent-Length: 3"),
                Arguments.of(400, "Content-Length: 3\r\nContent-Length: 3"),
                Arguments.of(400, "Content-Length: 3\r\nContent-Length: 4"),
                Arguments.of(400, "Content-Length: 3, 3"),
                Arguments.of(400, "Content-Length: +3"),
                Arguments.of(400, "Content-Length: -3"),
                Arguments.of(400, "Content-Length: 0x3"),
                Arguments.of(400, "Content-Length: 03"),
                Arguments.of(400, "Content-Length: 3 3"),
                Arguments.of(400, "Content-Length:"),
                Arguments.of(400, "Content-Length: 9999999999999999999"),
                Arguments.of(400, "Content_Length: 3\r\nContent-Length: 3\r\nContent-Length: 3"),
                Arguments.of(501, "Transfer-Encoding: gzip, chunked"),
                Arguments.of(501, "Transfer-Encoding: xchunked"),
                Arguments.of(501, "Transfer-Encoding: identity"),
                Arguments.of(501, "Transfer-Encoding: chunked, xchunked"),
                Arguments.of(400, "Transfer-Encoding: chunked, chunked"),
                Arguments.of(400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
                Arguments.of(400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
                Arguments.of(400, "Transfer-Encoding: chunked;q=1"),
                Arguments.of(400, "Transfer-Encoding: \"chunked\""),
                Arguments.of(400, "Transfer-Encoding:"),
                Arguments.of(400, "Transfer-Encoding: ,chunked"),
                Arguments.of(400, "Transfer-Encoding:\u000bchunked"),
                Arguments.of(400, "Transfer-Encoding:\r\n chunked"),
                Arguments.of(400, "Transfer-Encoding : chunked"),
                Arguments.of(400, "Content-Length : 3"),
                Arguments.of(400, " Content-Length: 3"),
                Arguments.of(400, "X: a\r\n b: c"),
                Arguments.of(400, "X: a\r\n\tb"),
                Arguments.of(400, "X"),
                Arguments.of(400, ": x"),
                Arguments.of(400, "X y: z"),
                Arguments.of(400, "X\u0000: z"),
                Arguments.of(400, "X: a\u0000b"),
                Arguments.of(400, "X: a\rb"),
                Arguments.of(400, "X: a\nY: b"),
                Arguments.of(400, "X: a\u007fb"),
                Arguments.of(400, "X\u00e9: z"),
                Arguments.of(400, "Host: claw.test"),
                Arguments.of(400, "HOST: evil.test"),
                Arguments.of(400, "Connection: close, \"x\""),
                Arguments.of(400, "Upgrade: h2c\r\nConnection: Upgrade"),
                Arguments.of(400, "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk"),
                Arguments.of(400, "HTTP2-Settings: AAMAAABk"),
                Arguments.of(400, "Upgrade: websocket, h2c\r\nConnection: Upgrade"),
                Arguments.of(400, "Upgrade: websocket\r\nUpgrade: websocket"),
                Arguments.of(400, "Upgrade: websocket\r\nConnection: Upgrade"),
                Arguments.of(417, "Expect: 200-ok\r\nContent-Length: 3"),
                Arguments.of(400, "Expect: 100-continue\r\nExpect: 100-continue"),
                Arguments.of(400, "Origin: https://claw.test\r\nOrigin: https://claw.test"),
                Arguments.of(400, "If-Match: \"a\"\r\nIf-Match: \"b\""),
                Arguments.of(400, "If-None-Match: \"a\"\r\nIf-None-Match: \"b\""),
                Arguments.of(400, "Sec-Fetch-Mode: navigate, cors"),
                Arguments.of(400, "Authorization: Bearer a\r\nAuthorization: Bearer b"));
    }

    @ParameterizedTest
    @MethodSource("framings")
    void ambiguousHead_isRefusedAndNothingGoesOn(int status, String fields) {
        refused(
                status,
                "POST /api HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                        + alice
                        + "\r\n"
                        + fields
                        + "\r\n\r\nabc");
    }

    @ParameterizedTest
    @MethodSource("framings")
    void ambiguousHead_byteByByte_isRefusedAlike(int status, String fields) {
        var bytes = "POST /api HTTP/1.1\r\nHost: claw.test\r\n" + fields + "\r\n\r\nabc";
        try (var client = door.connect()) {
            for (byte b : bytes.getBytes(StandardCharsets.ISO_8859_1)) {
                try {
                    client.send(new byte[] {b});
                } catch (java.io.UncheckedIOException closed) {
                    break; // Refused before the end: the answer is on its way.
                }
            }
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 " + status + " ");
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    static Stream<String> requestLines() {
        return Stream.of(
                "\r\nGET / HTTP/1.1",
                " GET / HTTP/1.1",
                "GET  / HTTP/1.1",
                "GET /  HTTP/1.1",
                "GET\t/ HTTP/1.1",
                "GET / HTTP/1.1 ",
                "GET / http/1.1",
                "GET / HTTP/1.0",
                "GET / HTTP/1.2",
                "GET / HTTP/2.0",
                "GET / HTTP/1.01",
                "GET /",
                "GET",
                "get / HTTP/1.1",
                "Get / HTTP/1.1",
                "TRACE / HTTP/1.1",
                "CONNECT claw.test:443 HTTP/1.1",
                "CONNECT / HTTP/1.1",
                "PROPFIND / HTTP/1.1",
                "G\u0000T / HTTP/1.1",
                "\u0016\u0003\u0001 / HTTP/1.1",
                "PRI * HTTP/2.0",
                "OPTIONS * HTTP/1.1",
                "GET * HTTP/1.1",
                "GET claw.test HTTP/1.1",
                "GET https://claw.test/ HTTP/1.1",
                "GET http://evil.test/tools/invoke HTTP/1.1",
                "GET //evil.test/health HTTP/1.1",
                "GET ///x HTTP/1.1",
                "GET /a//b HTTP/1.1",
                "GET /./tools/invoke HTTP/1.1",
                "GET /share/../tools/invoke HTTP/1.1",
                "GET /share/.. HTTP/1.1",
                "GET /share/%2e%2e/tools/invoke HTTP/1.1",
                "GET /share/.%2E/tools/invoke HTTP/1.1",
                "GET /share\\..\\tools\\invoke HTTP/1.1",
                "GET /share/%5c..%5ctools HTTP/1.1",
                "GET /share/%2ftools HTTP/1.1",
                "GET /share/%2Ftools HTTP/1.1",
                "GET /share/..;/tools HTTP/1.1",
                "GET /a;x=1/b HTTP/1.1",
                "GET /a%3bx HTTP/1.1",
                "GET /a%00b HTTP/1.1",
                "GET /a%0d%0ab HTTP/1.1",
                "GET /a%7fb HTTP/1.1",
                "GET /a%c2%85b HTTP/1.1",
                "GET /a%2561 HTTP/1.1",
                "GET /a%25 HTTP/1.1",
                "GET /%61pi HTTP/1.1",
                "GET /a%zz HTTP/1.1",
                "GET /a% HTTP/1.1",
                "GET /a%4 HTTP/1.1",
                "GET /a%c0%ae HTTP/1.1",
                "GET /a%ff HTTP/1.1",
                "GET /a%ed%a0%80 HTTP/1.1",
                "GET /private%23/healthz HTTP/1.1",
                "GET /private#/healthz HTTP/1.1",
                "GET /a%3f HTTP/1.1",
                "GET /a?x#y HTTP/1.1",
                "GET /caf\u00e9 HTTP/1.1",
                "GET /a\u0001b HTTP/1.1",
                "GET /a\"b HTTP/1.1",
                "GET /a<b HTTP/1.1",
                "GET /a|b HTTP/1.1",
                "GET /a{b} HTTP/1.1",
                "GET ?x HTTP/1.1");
    }

    @ParameterizedTest
    @MethodSource("requestLines")
    void oddRequestLine_isRefusedThoughSignedIn(String line) {
        refused(400, line + "\r\nHost: claw.test\r\nCookie: " + alice + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5\nhello\r\n0\r\n\r\n",
                "5\r\nhello\n0\r\n\r\n",
                "5;a=b\r\nhello\r\n0\r\n\r\n",
                "5;\r\nhello\r\n0\r\n\r\n",
                "5 \r\nhello\r\n0\r\n\r\n",
                " 5\r\nhello\r\n0\r\n\r\n",
                "+5\r\nhello\r\n0\r\n\r\n",
                "0x5\r\nhello\r\n0\r\n\r\n",
                "\r\nhello\r\n0\r\n\r\n",
                "g\r\n",
                "5\r\nhello6\r\n0\r\n\r\n",
                "5\r\nhelloXX0\r\n\r\n",
                "ffffffffffffffff\r\n",
                "5\r\rhello\r\n0\r\n\r\n",
                "5\r\nhello\r\n0\r\nX: a\nY: b\r\n\r\n",
                "5\r\nhello\r\n0\r\n bad: x\r\n\r\n",
                "5\r\nhello\r\n0\r\nX : y\r\n\r\n",
            })
    void oddChunk_isRefusedAndTheGatewaySeesNoWholeRequest(String body) {
        var answer =
                door.exchange(
                        "POST /api HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                                + alice
                                + "\r\nOrigin: https://claw.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + body);
        assertThat(answer).startsWith("HTTP/1.1 400 ");
        assertThat(door.gateway().bytes()).doesNotContain("0\r\n\r\n");
    }

    static Stream<String> otherHosts() {
        return Stream.of(
                "Host: evil.test",
                "Host: CLAW.test",
                "Host: claw.test.",
                "Host: claw.test:443",
                "Host: claw.test:8443",
                "Host: 127.0.0.1",
                "Host: claw.test@evil.test",
                "Host: a.claw.test");
    }

    @ParameterizedTest
    @MethodSource("otherHosts")
    void otherHost_gets421(String host) {
        refused(421, "GET / HTTP/1.1\r\n" + host + "\r\nCookie: " + alice + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: y", "Host:", "Host:  "})
    void noHost_gets400(String host) {
        refused(400, "GET / HTTP/1.1\r\n" + host + "\r\nCookie: " + alice + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {16 * 1024, 40 * 1024})
    void longHead_gets431(int length) {
        refused(431, "GET / HTTP/1.1\r\nHost: claw.test\r\nX: " + "a".repeat(length) + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 500})
    void manyFields_get431(int count) {
        refused(431, "GET / HTTP/1.1\r\nHost: claw.test\r\n" + "X: y\r\n".repeat(count) + "\r\n");
    }

    // --- the same over HTTP/2 ----------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("framings")
    void ambiguousHead_overHttp2_isRefusedAlike(int status, String fields) {
        // Whatever names a coding names a connection's matter, and has no business here at all.
        int alike = status == 501 ? 400 : status;
        // With the Host as a field: a second one is a second one in either protocol.
        refusedOverHttp2(
                alike,
                Http2Text.head(
                        "POST /api HTTP/1.1",
                        null,
                        "Host: claw.test\r\nCookie: " + alice + "\r\n" + fields));
    }

    static Stream<String> requestsOfHttp2() {
        return requestLines().filter(Http2Text::isRequestLine);
    }

    @ParameterizedTest
    @MethodSource("requestsOfHttp2")
    void oddRequestLine_overHttp2_isRefusedThoughSignedIn(String line) {
        refusedOverHttp2(400, Http2Text.head(line, "claw.test", "Cookie: " + alice));
    }

    @ParameterizedTest
    @MethodSource("otherHosts")
    void otherHost_overHttp2_gets421(String host) {
        var cookie = "Cookie: " + alice;
        var authority = host.substring("Host: ".length());
        refusedOverHttp2(421, Http2Text.head("GET / HTTP/1.1", authority, cookie));
        refusedOverHttp2(421, Http2Text.head("GET / HTTP/1.1", null, host + "\r\n" + cookie));
        refusedOverHttp2(
                400, Http2Text.head("GET / HTTP/1.1", "claw.test", host + "\r\n" + cookie));
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: y", "Host:"})
    void noHost_overHttp2_gets400(String host) {
        var fields = host + "\r\nCookie: " + alice;
        refusedOverHttp2(400, Http2Text.head("GET / HTTP/1.1", null, fields));
        refusedOverHttp2(400, Http2Text.head("GET / HTTP/1.1", "", "Cookie: " + alice));
    }

    @ParameterizedTest
    @ValueSource(ints = {16 * 1024, 20 * 1024, 40 * 1024})
    void longHead_overHttp2_gets431(int length) {
        refusedOverHttp2(
                431, Http2Text.head("GET / HTTP/1.1", "claw.test", "X: " + "a".repeat(length)));
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 500, 5_000})
    void manyFields_overHttp2_get431(int count) {
        refusedOverHttp2(
                431, Http2Text.head("GET / HTTP/1.1", "claw.test", "X: y\r\n".repeat(count)));
    }

    /** Also of one that the codec alone could refuse: page, header fields and audit line. */
    @ParameterizedTest
    @ValueSource(ints = {17 * 1024, 40 * 1024})
    void longHead_overHttp2_isAnsweredAndWrittenDownAsOverHttp1(int length, @TempDir Path own)
            throws IOException {
        var value = "a".repeat(length);
        try (var alone = TestDoor.open(own)) {
            var one =
                    alone.exchange("GET / HTTP/1.1\r\nHost: claw.test\r\nX: " + value + "\r\n\r\n");
            try (var client = alone.connectHttp2()) {
                var head = Http2Text.head("GET / HTTP/1.1", "claw.test", "X: " + value);
                var two = client.answer(client.request(true, head));
                assertThat(fields(two.fields())).isEqualTo(fields(one));
                var body = one.substring(one.indexOf("\r\n\r\n") + 4);
                assertThat(withoutId(two.body())).isNotEmpty().isEqualTo(withoutId(body));
                assertThat(client.goAway()).isZero(); // No further requests, like in HTTP/1.1.
            }
            assertThat(alone.portcullis().meters().scrape())
                    .contains("portcullis_limit_reached_total{limit=\"head\"} 2.0");
        }
        var lines = Files.readAllLines(own.resolve("audit/audit.jsonl"));
        var written = lines.stream().filter(line -> line.contains("head-too-large")).toList();
        assertThat(written).hasSize(2).allMatch(line -> line.contains("\"status\":431"));
    }

    private static String withoutId(String page) {
        return page.replaceAll("Request [0-9a-f]{16}", "Request");
    }

    /** As a set of lines, without what differs from answer to answer or names the protocol. */
    private static Set<String> fields(String answer) {
        var head = answer.substring(answer.indexOf("\r\n") + 2, answer.indexOf("\r\n\r\n"));
        return fields(head.lines().toList());
    }

    private static Set<String> fields(List<String> lines) {
        return lines.stream()
                .filter(line -> !line.matches("(:status|connection): .*"))
                .map(line -> line.replaceFirst("^(date|x-request-id): .*", "$1"))
                .collect(Collectors.toSet());
    }

    private static void refusedOverHttp2(int status, List<String> head) {
        try (var client = door.connectHttp2()) {
            var answer = client.answer(client.request(!head.contains("POST"), head));
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.fields())
                    .contains("strict-transport-security: max-age=31536000")
                    .anyMatch(field -> field.startsWith("x-request-id: "));
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    private static void refused(int status, String bytes) {
        var answer = door.exchange(bytes);
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer.indexOf("HTTP/1.1 ", 1)).as("one answer").isEqualTo(-1);
        assertThat(answer).contains("\r\nconnection: close\r\n");
        assertThat(door.gateway().bytes()).isEmpty();
    }
}
