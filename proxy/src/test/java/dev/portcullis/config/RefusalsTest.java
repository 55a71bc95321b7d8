package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** For every key at least one value that stops the start. */
class RefusalsTest {
    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
    }

    @Test
    void plainFile_isRight() {
        assertThat(files.problems(PlainFile.TEXT)).isEmpty();
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
        var problems = files.problems(PlainFile.with(key, value));
        assertThat(problems)
                .anySatisfy(problem ->
                        assertThat(problem).contains(": " + key).contains(" (expected: "));
    }

    @ParameterizedTest
    @ValueSource(strings = "admin.metrics-listen")
    void keyWithoutEffectInThisRelease_isRefused(String key) {
        int dot = key.indexOf('.');
        var name = key.substring(dot + 1);
        var yaml =
                dot < 0
                        ? PlainFile.TEXT + key + ": {}\n"
                        : PlainFile.TEXT.replace(
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
        var yaml = PlainFile.TEXT.replace("\n" + block + ":\n", "\n" + block + ":\n  zebra: 1\n");
        assertThat(files.problems(yaml))
                .singleElement()
                .asString()
                .contains(block + ".zebra: found an unknown key (expected: one of ");
    }
}
