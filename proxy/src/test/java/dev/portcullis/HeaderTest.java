package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RawClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every name that could mean an identity, an address, a scope or a route, in every spelling: what
 * we write arrives once and is ours; everything else does not arrive.
 */
class HeaderTest {
    /** What we write, with the value it must have whatever the client sends. */
    private static final String ORIGIN = "origin: https://claw.test\r\n";

    private static final List<String> WRITTEN =
            List.of(
                    TestDoor.USER_HEADER,
                    "x-openclaw-scopes",
                    "x-forwarded-for",
                    "x-forwarded-proto",
                    "x-forwarded-host");

    private static final List<String> DROPPED =
            List.of(
                    "forwarded",
                    "x-real-ip",
                    "x-forwarded",
                    "x-forwarded-user",
                    "x-forwarded-email",
                    "x-forwarded-groups",
                    "x-forwarded-preferred-username",
                    "x-forwarded-access-token",
                    "x-forwarded-prefix",
                    "x-forwarded-port",
                    "x-forwarded-server",
                    "x-forwarded-uri",
                    "x-forwarded-method",
                    "x-forwarded-ssl",
                    "x-forwarded-scheme",
                    "x-forwarded-tls-client-cert",
                    "x-forwarded-client-cert",
                    "x-original-url",
                    "x-original-host",
                    "x-original-method",
                    "x-rewrite-url",
                    "x-http-method-override",
                    "x-method-override",
                    "client-cert",
                    "client-cert-chain",
                    "x-ssl-client-verify",
                    "x-ssl-client-s-dn",
                    "ssl-client-cert",
                    "tailscale-user-login",
                    "tailscale-user-name",
                    "tailscale-user-profile-pic",
                    "tailscale-headers-info",
                    "tailscale-funnel-request",
                    "cf-access-authenticated-user-email",
                    "cf-access-jwt-assertion",
                    "cf-access-client-id",
                    "cf-access-client-secret",
                    "cf-connecting-ip",
                    "cf-ray",
                    "x-pomerium-jwt-assertion",
                    "x-pomerium-claim-email",
                    "x-auth-request-user",
                    "x-auth-request-email",
                    "x-remote-user",
                    "remote-user",
                    "x-webauth-user",
                    "x-goog-authenticated-user-email",
                    "x-goog-iap-jwt-assertion",
                    "x-ms-client-principal",
                    "x-ms-client-principal-name",
                    "x-amzn-oidc-data",
                    "x-amzn-oidc-identity",
                    "true-client-ip",
                    "x-client-ip",
                    "x-cluster-client-ip",
                    "fly-client-ip",
                    "via",
                    "x-session-key",
                    "x-api-key",
                    "x-access-token",
                    "proxy-authorization",
                    "x-openclaw-model",
                    "x-openclaw-agent-id",
                    "x-openclaw-agent",
                    "x-openclaw-session-key",
                    "x-openclaw-message-channel",
                    "x-openclaw-account-id",
                    "x-openclaw-message-to",
                    "x-openclaw-thread-id",
                    "x-openclaw-token",
                    "x-openclaw-webhook-secret",
                    "x-openclaw-password",
                    "x-openclaw-idempotency-key",
                    "x-openclaw-session-id",
                    "x-openclaw-client-caps",
                    "x-openclaw-current-channel",
                    "x-openclaw-inbound-event-kind",
                    "x-openclaw-source-reply-delivery-mode",
                    "x-openclaw-task-suggestion-delivery-mode",
                    "x-openclaw-require-explicit-message-target",
                    "x-openclaw-cli-capture-key",
                    "traceparent",
                    "keep-alive",
                    "te",
                    "trailer",
                    "proxy-connection",
                    "x-anything-else");

    /** What HTTP/2 does not have, in trailers neither (RFC 9113 §8.2.2). */
    private static final List<String> OF_A_CONNECTION =
            List.of("keep-alive", "te", "proxy-connection");

    @TempDir static Path folder;
    private static TestDoor door;
    private static String alice;
    private RawClient client;
    private Http2Client http2;

    @BeforeAll
    static void open() {
        door =
                TestDoor.open(
                        folder,
                        "rate-limits: { address: { rate: 50000/s, burst: 50000 },"
                                + " user: { rate: 50000/s, burst: 50000 } }");
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

    static Stream<String> names() {
        return Stream.concat(WRITTEN.stream(), DROPPED.stream());
    }

    @ParameterizedTest
    @MethodSource("names")
    void everySpelling_neverReachesTheGateway(String name) {
        for (var fields : spellings(name)) {
            var answer = send("GET", fields, "");
            if (answer.startsWith("HTTP/1.1 400 ")) {
                assertThat(door.gateway().bytes()).as(fields).isEmpty();
            } else {
                assertThat(answer).as(fields).startsWith("HTTP/1.1 200 ");
                assertGolden("GET", fields, "", "");
            }
            door.gateway().forget();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void asTrailer_isDropped(String name) {
        var answer =
                send(
                        "POST",
                        ORIGIN + "Transfer-Encoding: chunked\r\n",
                        "1\r\nx\r\n0\r\n" + name + ": root\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertGolden("POST", name, ORIGIN, "transfer-encoding: chunked\r\n");
        assertThat(door.gateway().bytes()).endsWith("\r\n\r\n1\r\nx\r\n0\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("names")
    void everySpelling_overHttp2_neverReachesTheGateway(String name) {
        for (var fields : spellings(name)) {
            if (http2 == null) {
                http2 = door.connectHttp2();
            }
            var head = Http2Text.head("GET /api HTTP/1.1", TestDoor.HOST, "cookie: " + alice);
            head.addAll(Http2Text.fields(fields));
            var answer = http2.answer(http2.request(true, head));
            if (answer.status() == 400) {
                assertThat(door.gateway().bytes()).as(fields).isEmpty();
                hangUp();
            } else {
                assertThat(answer.status()).as(fields).isEqualTo(200);
                assertGolden("GET", fields, "", "");
            }
            door.gateway().forget();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void asTrailer_overHttp2_isDropped(String name) {
        try (var client = door.connectHttp2()) {
            var fields = ORIGIN + "cookie: " + alice;
            // By its own name, for the head of a request that broke off may be recorded late.
            var head = Http2Text.head("POST /api?" + name + " HTTP/1.1", TestDoor.HOST, fields);
            int stream = client.request(false, head);
            client.data(stream, false, "x");
            client.head(stream, true, Http2Client.block(List.of(name, "root")));
            if (OF_A_CONNECTION.contains(name)) {
                assertThat(client.answer(stream).status()).isEqualTo(400);
                assertThat(door.gateway().bytes()).doesNotContain("0\r\n\r\n");
            } else {
                assertThat(client.answer(stream).status()).isEqualTo(200);
                var heads =
                        door.gateway().heads().stream()
                                .filter(one -> one.contains("?" + name + " "))
                                .map(one -> one.replace("?" + name, ""))
                                .toList();
                assertGolden(heads, "POST", name, ORIGIN, "transfer-encoding: chunked\r\n");
                assertThat(door.gateway().bytes()).contains("\r\n\r\n1\r\nx\r\n0\r\n\r\n");
            }
        }
    }

    private static List<String> spellings(String name) {
        var upper = name.toUpperCase(Locale.ROOT);
        var spellings = new ArrayList<String>();
        for (var spelling :
                List.of(
                        name,
                        upper,
                        name.replace('-', '_'),
                        upper.replace('-', '_'),
                        name.replace('-', '.'),
                        name.replaceFirst("-", "_"),
                        name + "_",
                        name + ".",
                        "-" + name)) {
            spellings.add(spelling + ": root\r\n");
        }
        spellings.add(name + " : root\r\n");
        spellings.add(name + "\t: root\r\n");
        spellings.add(name + ": root\r\n" + name + ": operator.admin\r\n");
        spellings.add(name + ": root, operator.admin\r\n");
        spellings.add(name + ":\r\n");
        spellings.add("Connection: " + name + "\r\n");
        spellings.add("Connection: keep-alive, " + upper + "\r\n" + name + ": root\r\n");
        spellings.add(name + ": root\r\nConnection: close\r\nConnection: " + name + "\r\n");
        return spellings;
    }

    private String send(String method, String fields, String body) {
        var request =
                method
                        + " /api HTTP/1.1\r\nHost: claw.test\r\nCookie: "
                        + alice
                        + "\r\n"
                        + fields
                        + "\r\n"
                        + body;
        if (client == null) {
            client = door.connect();
        }
        var answer = client.send(request).readAnswer();
        if (answer.contains("\r\nconnection: close\r\n")) {
            hangUp();
        }
        return answer;
    }

    @AfterEach
    void hangUp() {
        if (client != null) {
            client.close();
            client = null;
        }
        if (http2 != null) {
            http2.close();
            http2 = null;
        }
    }

    /** The whole head, byte for byte. */
    private static void assertGolden(String method, String what, String relayed, String framing) {
        assertGolden(door.gateway().heads(), method, what, relayed, framing);
    }

    private static void assertGolden(
            List<String> heads, String method, String what, String relayed, String framing) {
        assertThat(heads)
                .as(what)
                .containsExactly(
                        method
                                + " /api HTTP/1.1\r\nhost: claw.test\r\nx-forwarded-proto: https\r\n"
                                + "x-forwarded-host: claw.test\r\n"
                                + relayed
                                + "x-forwarded-for: 192.0.2.1\r\n"
                                + TestDoor.USER_HEADER
                                + ": alice@example.com\r\nx-openclaw-scopes: operator.read,"
                                + "operator.write,operator.talk,operator.questions,"
                                + "operator.approvals\r\n"
                                + framing
                                + "\r\n");
    }
}
