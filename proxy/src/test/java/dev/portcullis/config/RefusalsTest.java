package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** For every key at least one value that stops the start. */
class RefusalsTest {
    /**
     * As {@link ConfigFolder#SMALLEST}, one key per line, so that single values can be replaced.
     */
    private static final String PLAIN =
            """
            listen: 0.0.0.0:8443
            redirect-listen: 0.0.0.0:8080
            public-origin: https://claw.example.com
            tls:
              certificate: tls.crt
              key: tls.key
              protocols: [TLSv1.3]
              client-auth: none
              insecure-development-certificates: false
            gateway:
              address: 127.0.0.1:18789
              user-header: x-sidecar-user-0123456789abcdef0123456789abcdef
              base-path: /
            sign-in:
              issuer: https://login.example.com/realms/team
              client-id: portcullis
              client-secret: s3cret
              user-claim: email
              groups-claim: groups
              scopes: [openid, email]
              parameters: {}
              required-claims: {}
              ca: tls.crt
              idle: 30m
              absolute: 12h
              insecure-unverified-email: false
              insecure-http-issuer: false
            tokens:
              - issuer: https://tokens.example.com
                audience: api
                type: at+jwt
                user-claim: email
                groups-claim: groups
                algorithms: [RS256]
                ca: tls.crt
            allow-users:
              - user: alice@example.com
                role: viewer
                until: 2099-01-01T00:00:00Z
                ticket: T-1
              - group: sre
            trusted-balancers: []
            rate-limits:
              address:
                rate: 50/s
                burst: 400
              user:
                rate: 50/s
                burst: 400
              sign-in:
                rate: 2/s
                burst: 100
              tokens:
                failures: 10
                within: 2m
                lock-out: 5m
              messages:
                rate: 500/s
                burst: 5000
              bytes:
                rate: 32MiB/s
                burst: 128MiB
            state:
              directory: state
            audit:
              directory: audit
            admin:
              listen: 127.0.0.1:9180
            limits:
              body: 128MiB
            """;

    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
    }

    @Test
    void plainFile_isRight() {
        assertThat(files.problems(PLAIN)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    listen                | localhost:8443
                    listen                | 0.0.0.0
                    listen                | :8443
                    listen                | 0.0.0.0:65536
                    listen                | 0.0.0.0:08443
                    listen                | 127.1:8443
                    listen                | "::1:8443"
                    listen                | "[::1%lo]:8443"
                    listen                | "[::ffff:127.0.0.1]:8443"
                    listen                | 127.0.0.1:18789
                    redirect-listen       | example.com:80
                    redirect-listen       | 0.0.0.0:8443
                    public-origin         | http://claw.example.com
                    public-origin         | claw.example.com
                    public-origin         | https://claw.example.com/
                    public-origin         | https://claw.example.com/ui
                    public-origin         | https://claw.example.com?x
                    public-origin         | https://a@claw.example.com
                    public-origin         | https://claw.example.com:0
                    public-origin         | https://claw.example.com:65536
                    public-origin         | https://claw.example.com:x
                    public-origin         | https://claw.example.com.
                    public-origin         | https://-claw.example.com
                    public-origin         | https://claw..example.com
                    public-origin         | https://claw_1.example.com
                    public-origin         | https://1.2.3.256
                    public-origin         | https://*.example.com
                    public-origin         | https://kläw.example.com
                    tls.certificate       | absent.crt
                    tls.certificate       | tls.key
                    tls.certificate       | .
                    tls.key               | absent.key
                    tls.key               | tls.crt
                    tls.client-auth       | maybe
                    tls.protocols         | [TLSv1.2]
                    tls.protocols         | [TLSv1.3, TLSv1.1]
                    tls.protocols         | [TLSv1.3, TLSv1.3]
                    tls.protocols         | TLSv1.3
                    tls.insecure-development-certificates | maybe
                    gateway.address       | localhost:18789
                    gateway.address       | 192.0.2.1:18789
                    gateway.address       | 0.0.0.0:18789
                    gateway.address       | "[::]:18789"
                    gateway.address       | 127.0.0.1:0
                    gateway.address       | 127.0.0.1
                    gateway.address       | 0177.0.0.1:18789
                    gateway.user-header   | X-Forwarded-For
                    gateway.user-header   | x-forwarded-email
                    gateway.user-header   | host
                    gateway.user-header   | cookie
                    gateway.user-header   | authorization
                    gateway.user-header   | content-type
                    gateway.user-header   | sec-fetch-mode
                    gateway.user-header   | x-openclaw-scopes
                    gateway.user-header   | connection
                    gateway.user-header   | x_user_name
                    gateway.user-header   | "x user"
                    gateway.user-header   | "x-user:"
                    gateway.user-header   | -x-user
                    gateway.user-header   | x--user
                    gateway.base-path     | claw
                    gateway.base-path     | //
                    gateway.base-path     | /a/../b
                    gateway.base-path     | /./a
                    gateway.base-path     | /a//b
                    gateway.base-path     | /a%2fb
                    gateway.base-path     | /_portcullis
                    gateway.base-path     | /__openclaw__
                    sign-in.issuer        | http://login.example.com
                    sign-in.issuer        | http://127.0.0.1:8080
                    sign-in.issuer        | https://login.example.com?x=1
                    sign-in.issuer        | https://login.example.com#x
                    sign-in.issuer        | https://u:p@login.example.com
                    sign-in.issuer        | login.example.com
                    sign-in.issuer        | file:///etc/passwd
                    sign-in.issuer        | "https://lo gin"
                    sign-in.client-id     | ''
                    sign-in.client-secret | ''
                    sign-in.user-claim    | "e mail"
                    sign-in.groups-claim  | ''
                    sign-in.scopes        | [email]
                    sign-in.scopes        | [openid, 'a b']
                    sign-in.scopes        | openid
                    sign-in.parameters    | { state: x }
                    sign-in.parameters    | { redirect_uri: x }
                    sign-in.parameters    | { response_mode: fragment }
                    sign-in.parameters    | { code_challenge_method: plain }
                    sign-in.parameters    | { request_uri: x }
                    sign-in.parameters    | { nonce: x }
                    sign-in.parameters    | [prompt]
                    sign-in.required-claims | { hd: [] }
                    sign-in.ca            | absent.crt
                    sign-in.ca            | tls.key
                    sign-in.idle          | 30
                    sign-in.idle          | 0s
                    sign-in.idle          | 13h
                    sign-in.absolute      | 91d
                    sign-in.absolute      | 12
                    sign-in.insecure-unverified-email | yes
                    sign-in.insecure-http-issuer | 1
                    tokens[].issuer       | http://tokens.example.com
                    tokens[].audience     | portcullis
                    tokens[].audience     | ''
                    tokens[].type         | JWT
                    tokens[].user-claim   | ''
                    tokens[].groups-claim | ''
                    tokens[].algorithms   | []
                    tokens[].algorithms   | [none]
                    tokens[].algorithms   | [HS256]
                    tokens[].ca           | absent.crt
                    allow-users[].user    | 'alice, bob'
                    allow-users[].user    | a@b@c
                    allow-users[].user    | älice@example.com
                    allow-users[].role    | root
                    allow-users[].role    | Admin
                    allow-users[].until   | 2099-01-01
                    allow-users[].until   | 2099-01-01T00:00:00
                    allow-users[].ticket  | ''
                    allow-users[].group   | ''
                    trusted-balancers     | [10.0.0.1/8]
                    trusted-balancers     | [0.0.0.0/0]
                    trusted-balancers     | [lb.example.com]
                    trusted-balancers     | all
                    rate-limits.address.rate  | 50
                    rate-limits.address.rate  | 0/s
                    rate-limits.address.burst | 49
                    rate-limits.address.burst | 1000001
                    rate-limits.user.rate     | 5/m
                    rate-limits.user.burst    | 0
                    rate-limits.sign-in.rate  | 2
                    rate-limits.sign-in.burst | 1
                    rate-limits.tokens.failures | 0
                    rate-limits.messages.rate | 500
                    rate-limits.bytes.rate | 32MiB
                    rate-limits.bytes.rate | 1B/s
                    rate-limits.bytes.rate | 513MiB/s
                    rate-limits.bytes.burst | 24MiB
                    rate-limits.tokens.within   | 2h
                    rate-limits.tokens.lock-out | 5
                    state.directory       | tls.key
                    state.directory       | tls.key/below
                    audit.directory       | tls.key
                    admin.listen          | 0.0.0.0:9180
                    admin.listen          | localhost:9180
                    limits.body           | 128
                    limits.body           | 2TiB
                    """)
    void value_isRefusedAtItsPlace(String key, String value) {
        var problems = files.problems(with(key, value));
        assertThat(problems)
                .anySatisfy(problem ->
                        assertThat(problem).contains(": " + key).contains(" (expected: "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    client-key: tls.crt                            | client-key: a file without a key to sign with
                    client-key-id: k1                              | client-key-id: no client-key beside it
                    client-assertion-audience: issuer              | client-assertion-audience: no client-key beside it
                    client-certificate-key: tls.key                | client-certificate-key: no client-certificate beside it
                    client-certificate: tls.crt                    | client-certificate: no client-certificate-key beside it
                    client-certificate: tls.key, client-certificate-key: tls.key | client-certificate: a file that is not a chain
                    client-certificate: tls.crt, client-certificate-key: tls.crt | client-certificate-key: a file without
                    client-key: tls.key, client-certificate: tls.crt, client-certificate-key: tls.key | client-certificate: client-key and client-certificate (expected: one of them)
                    """)
    void clientThatCannotProveItself_isRefused(String keys, String problem) {
        var yaml =
                ConfigFolder.SMALLEST.replace(
                        "  client-secret: ${file:client-secret}\n",
                        "  " + keys.replace(", ", "\n  ") + "\n");
        assertThat(files.problems(yaml))
                .anySatisfy(found ->
                        assertThat(found.replace(": found ", ": ")).contains("sign-in." + problem));
    }

    @Test
    void http2ConnectionWindow_mustHoldTwoStreams() {
        var limits = "limits: { http2-window: 1MiB, http2-connection-window: 1MiB }";
        assertThat(files.problems(ConfigFolder.SMALLEST + limits))
                .singleElement()
                .asString()
                .contains("limits.http2-connection-window", "twice http2-window");
        var twice = "limits: { http2-window: 512KiB, http2-connection-window: 1MiB }";
        assertThat(files.problems(ConfigFolder.SMALLEST + twice)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "head",
                "fields",
                "body",
                "head-time",
                "body-idle",
                "answer-time",
                "answer-idle",
                "keep-alive",
                "handshake-time",
                "client-hello",
                "handshakes",
                "unproven-time",
                "connections",
                "connections-per-address",
                "http2-streams",
                "http2-window",
                "http2-connection-window",
                "http2-resets",
                "http2-control-frames",
                "sockets-per-user",
                "socket-idle",
                "socket-pong-time",
                "socket-buffer",
                "memory",
                "gateway-connect-time",
                "gateway-connections",
                "sessions",
                "sign-ins",
                "sign-in-time",
                "remembered-ids",
                "store-time",
                "store-grace",
                "audit-queue",
                "provider-time",
                "provider-answer",
                "refresh-grace",
                "drain-jitter",
                "drain-grace"
            })
    void limit_isRefusedOutOfRangeAndWithoutSense(String key) {
        for (var value : List.of("-1", "1x", "99999999999999d", "9999TiB", "99999999999")) {
            assertThat(
                            files.problems(
                                    ConfigFolder.SMALLEST
                                            + "limits: { "
                                            + key
                                            + ": "
                                            + value
                                            + " }"))
                    .singleElement()
                    .asString()
                    .contains(
                            "limits." + key + ": found " + value + " (expected: a ",
                            " from ",
                            " to ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "admin.metrics-listen")
    void keyWithoutEffectInThisRelease_isRefused(String key) {
        int dot = key.indexOf('.');
        var name = key.substring(dot + 1);
        var yaml =
                dot < 0
                        ? PLAIN + key + ": {}\n"
                        : PLAIN.replace(
                                "\n" + key.substring(0, dot) + ":\n",
                                "\n" + key.substring(0, dot) + ":\n  " + name + ": 127.0.0.1:1\n");
        assertThat(files.problems(yaml))
                .singleElement()
                .asString()
                .contains(key + ": found a key that is not in this release (expected: no such key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tls",
                "gateway",
                "sign-in",
                "rate-limits",
                "state",
                "audit",
                "admin",
                "limits"
            })
    void unknownKey_isRefusedInEveryBlock(String block) {
        var yaml = PLAIN.replace("\n" + block + ":\n", "\n" + block + ":\n  zebra: 1\n");
        assertThat(files.problems(yaml))
                .singleElement()
                .asString()
                .contains(block + ".zebra: found an unknown key (expected: one of ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen", "public-origin", "tls", "gateway", "allow-users"})
    void requiredKeyLeftOut_isNamed(String key) {
        var yaml = new ArrayList<>(ConfigFolder.SMALLEST.lines().toList());
        yaml.removeIf(line ->
                line.startsWith(key + ":")
                        || (key.equals("gateway") && line.startsWith("  user-header")));
        assertThat(files.problems(String.join("\n", yaml)).getFirst())
                .startsWith("portcullis.yaml:1:1: " + key);
    }

    @Test
    void noWayIn_isRefused() {
        var yaml = ConfigFolder.SMALLEST.replaceAll("(?s)sign-in:.*allow", "allow");
        assertThat(files.problems(yaml))
                .singleElement()
                .asString()
                .contains("found no sign-in, tokens or client-certificates");
    }

    @Test
    void nobodyAllowed_isRefused() {
        assertThat(files.problems(with("[alice@example.com]", ConfigFolder.SMALLEST, "[]")))
                .singleElement()
                .asString()
                .contains("allow-users: found nobody");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    [a@b.c, A@B.C]                 | a user listed before
                    [{ user: a, group: b }]        | both user and group
                    [{ role: admin }]              | neither user nor group
                    [{ group: sre }]               | a group, but no groups-claim
                    ['*']                          | *, a pattern
                    [{ user: '*@example.com' }]    | *@example.com, a pattern
                    [{ group: '*' }]               | *, a pattern
                    [[a]]                          | a list
                    """)
    void lineOfAllowUsersThatSaysTooMuchOrTooLittle_isRefused(String list, String found) {
        assertThat(
                        files.problems(with("[alice@example.com]", ConfigFolder.SMALLEST, list))
                                .toString())
                .contains("found " + found);
    }

    @Test
    void keyOfAnotherCertificate_isRefused() throws Exception {
        var other = ConfigFolder.certificate("CN=other").selfSigned();
        files.key("tls.key", other.getPrivateKeyPEM());
        assertThat(files.problems(ConfigFolder.SMALLEST))
                .singleElement()
                .asString()
                .contains("portcullis.yaml:3:35: tls.key: found a key of another certificate");
    }

    @Test
    void developmentCertificate_isRefusedUnlessAllowedByName() {
        var made = ConfigFolder.certificate("O=Portcullis development,CN=dev").selfSigned();
        files.write("tls.crt", made.getCertificatePathPEM());
        files.key("tls.key", made.getPrivateKeyPEM());
        assertThat(files.problems(ConfigFolder.SMALLEST))
                .singleElement()
                .asString()
                .contains("tls.certificate: found a development certificate");
        var allowed =
                ConfigFolder.SMALLEST.replace(
                        "key: tls.key", "key: tls.key, insecure-development-certificates: true");
        assertThat(files.loaded(allowed).insecureSettings())
                .containsExactly("tls.insecure-development-certificates");
    }

    private static String with(String old, String text, String value) {
        return text.replace(old, value);
    }

    /** The plain file with another value for the key. */
    private static String with(String key, String value) {
        var lines = new ArrayList<String>();
        var path = new ArrayList<String>();
        for (var line : PLAIN.lines().toList()) {
            var bare = line.replace("- ", "  ");
            int depth = (bare.length() - bare.stripLeading().length()) / 2;
            boolean listed = !path.isEmpty() && path.getFirst().matches("tokens|allow-users");
            boolean item = line.strip().startsWith("- ") || (depth == 2 && listed);
            path.subList(Math.min(item ? 1 : depth, path.size()), path.size()).clear();
            var name = bare.strip().replaceAll(":.*", "");
            path.add(name);
            var full = String.join(".", path).replaceFirst("^(tokens|allow-users)\\.", "$1[].");
            lines.add(full.equals(key) ? line.replaceFirst(":.*", ": ") + value : line);
        }
        return String.join("\n", lines) + "\n";
    }
}
