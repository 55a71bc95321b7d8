package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each record: what holds when the file says nothing, and that every key lands where it belongs.
 */
class KeysTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
    }

    @Test
    void smallestFile_hasSafeDefaults() {
        var config = files.loaded(ConfigFolder.SMALLEST);
        assertThat(config.listen()).isEqualTo(at("0.0.0.0", 8443));
        assertThat(config.redirectListen()).isNull();
        assertThat(config.publicOrigin()).isEqualTo(new PublicOrigin("claw.example.com", 443));
        assertThat(config.tls().protocols()).containsExactly("TLSv1.3");
        assertThat(config.tls().certificate()).isEqualTo(temp.resolve("tls.crt"));
        assertThat(config.gateway())
                .isEqualTo(
                        new GatewayConfig(
                                at("127.0.0.1", 18789), new Secret(ConfigFolder.HEADER), "/"));
        assertThat(config.signIn())
                .isEqualTo(
                        new SignInConfig(
                                URI.create("https://login.example.com/realms/team"),
                                "portcullis",
                                new ClientCredential.SharedSecret(
                                        new Secret("correct horse battery staple")),
                                "email",
                                null,
                                List.of("openid", "email", "profile"),
                                Map.of(),
                                Map.of(),
                                null,
                                Duration.ofMinutes(30),
                                Duration.ofHours(12),
                                false));
        assertThat(config.tokens()).isEmpty();
        assertThat(config.allowUsers())
                .containsExactly(
                        new AllowedUser(
                                new UserName("alice@example.com"),
                                null,
                                Role.OPERATOR,
                                null,
                                null));
        assertThat(config.rateLimits())
                .isEqualTo(
                        new RateLimitsConfig(
                                new RateLimitConfig(50, 400),
                                new RateLimitConfig(50, 400),
                                new RateLimitConfig(2, 100),
                                new LockoutConfig(10, Duration.ofMinutes(2), Duration.ofMinutes(5)),
                                new RateLimitConfig(500, 5000),
                                new ByteRateConfig(32L << 20, 128L << 20)));
        assertThat(config.admin().listen()).isEqualTo(at("127.0.0.1", 9180));
        assertThat(config.limits()).isEqualTo(LimitsConfig.DEFAULTS);
        assertThat(config.insecureSettings()).isEmpty();
    }

    @Test
    void signIn_mapsEveryKey() {
        files.write("idp.crt", read("tls.crt"));
        var config =
                files.loaded(
                        ConfigFolder.SMALLEST.replace(
                                "  issuer: https://login.example.com/realms/team\n",
                                """
                                  issuer: http://127.0.0.1:8080/realms/x/
                                  insecure-http-issuer: true
                                  user-claim: sub
                                  groups-claim: roles
                                  scopes: [openid, groups]
                                  parameters: { hd: example.com }
                                  required-claims: { hd: example.org }
                                  ca: idp.crt
                                  idle: 20s
                                  absolute: 40s
                                  insecure-unverified-email: true
                                """));
        assertThat(config.signIn())
                .isEqualTo(
                        new SignInConfig(
                                URI.create("http://127.0.0.1:8080/realms/x/"),
                                "portcullis",
                                new ClientCredential.SharedSecret(
                                        new Secret("correct horse battery staple")),
                                "sub",
                                "roles",
                                List.of("openid", "groups"),
                                Map.of("hd", "example.com"),
                                Map.of("hd", "example.org"),
                                temp.resolve("idp.crt"),
                                Duration.ofSeconds(20),
                                Duration.ofSeconds(40),
                                true));
        assertThat(config.insecureSettings())
                .containsExactly(
                        "sign-in.insecure-http-issuer", "sign-in.insecure-unverified-email");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''                                             | None[]
                    'client-key: k.pem'                            | SigningKey[key=k.pem, keyId=null, audience=ISSUER]
                    'client-key: k.pem, client-key-id: k1'         | SigningKey[key=k.pem, keyId=k1, audience=ISSUER]
                    'client-key: k.pem, client-assertion-audience: token-endpoint' | SigningKey[key=k.pem, keyId=null, audience=TOKEN_ENDPOINT]
                    'client-certificate: tls.crt, client-certificate-key: tls.key' | Certificate[certificate=tls.crt, key=tls.key]
                    """)
    void eachWayToProveTheClient_isTaken(String keys, String credential) {
        files.key("k.pem", read("tls.key"));
        var yaml =
                ConfigFolder.SMALLEST.replace(
                        "  client-secret: ${file:client-secret}\n",
                        keys.isEmpty() ? "" : "  " + keys.replace(", ", "\n  ") + "\n");
        assertThat(
                        files.loaded(yaml)
                                .signIn()
                                .credential()
                                .toString()
                                .replace(files.folder + "/", ""))
                .isEqualTo(credential);
    }

    @Test
    void shortAbsolute_lowersIdleThatNobodySet() {
        var yaml = ConfigFolder.SMALLEST.replace("  client-id:", "  absolute: 20s\n  client-id:");
        assertThat(files.loaded(yaml).signIn().idle()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void tokens_mapEveryKey() {
        files.write("idp.crt", read("tls.crt"));
        var config =
                files.loaded(
                        ConfigFolder.SMALLEST
                                + """
                                tokens:
                                  - { issuer: https://a.example/, audience: api }
                                  - issuer: https://b.example
                                    audience: api
                                    type: jwt
                                    user-claim: preferred_username
                                    groups-claim: groups
                                    algorithms: [ES512]
                                    ca: idp.crt
                                """);
        assertThat(config.tokens())
                .containsExactly(
                        new TokenIssuerConfig(
                                URI.create("https://a.example/"),
                                "api",
                                TokenIssuerConfig.Type.AT_JWT,
                                "email",
                                null,
                                List.of("RS256", "PS256", "ES256", "ES384", "EdDSA"),
                                null),
                        new TokenIssuerConfig(
                                URI.create("https://b.example"),
                                "api",
                                TokenIssuerConfig.Type.JWT,
                                "preferred_username",
                                "groups",
                                List.of("ES512"),
                                temp.resolve("idp.crt")));
    }

    @Test
    void allowUsers_mapsEveryForm() {
        var config =
                files.loaded(
                        ConfigFolder.SMALLEST
                                .replace("  client-id:", "  groups-claim: groups\n  client-id:")
                                .replace(
                                        "[alice@example.com]",
                                        "[' Alice@Example.com ', { user: svc, role: viewer }, { group: sre,"
                                                + " role: admin, until: 2026-12-24T19:00:00+01:00,"
                                                + " ticket: CHG-1 }]"));
        assertThat(config.allowUsers())
                .containsExactly(
                        new AllowedUser(
                                new UserName("alice@example.com"), null, Role.OPERATOR, null, null),
                        new AllowedUser(new UserName("svc"), null, Role.VIEWER, null, null),
                        new AllowedUser(
                                null,
                                "sre",
                                Role.ADMIN,
                                Instant.parse("2026-12-24T18:00:00Z"),
                                "CHG-1"));
    }

    @Test
    void everythingElse_isMapped() {
        var config =
                files.loaded(
                        ConfigFolder.SMALLEST
                                        .replace("listen: 0.0.0.0:8443", "listen: '[::]:0'")
                                        .replace("claw.example.com", "Claw.Example.com:8443")
                                        .replace(
                                                "gateway:",
                                                "gateway:\n  base-path: /claw/ui/\n  address: '[::1]:1'")
                                        .replace(
                                                "key: tls.key",
                                                "key: tls.key, protocols: [TLSv1.2, TLSv1.3]")
                                + """
                                redirect-listen: 127.0.0.1:8080
                                trusted-balancers: [10.0.0.0/8, '::1']
                                rate-limits:
                                  address: { rate: 500/s }
                                  user: { rate: 60/s, burst: 300 }
                                  sign-in: { rate: 3/s, burst: 4 }
                                  tokens: { failures: 5, within: 6s, lock-out: 7s }
                                  messages: { rate: 8/s, burst: 9 }
                                  bytes: { rate: 10KiB/s, burst: 25MiB }
                                state: { directory: state/here, keys: tls.key }
                                audit: { directory: audit }
                                admin: { listen: 127.1.2.3:0 }
                                """);
        assertThat(config.listen()).isEqualTo(at("::", 0));
        assertThat(config.redirectListen()).isEqualTo(at("127.0.0.1", 8080));
        assertThat(config.publicOrigin()).isEqualTo(new PublicOrigin("claw.example.com", 8443));
        assertThat(config.tls().protocols()).containsExactly("TLSv1.2", "TLSv1.3");
        assertThat(config.gateway().address()).isEqualTo(at("::1", 1));
        assertThat(config.gateway().basePath()).isEqualTo("/claw/ui");
        assertThat(config.rateLimits())
                .isEqualTo(
                        new RateLimitsConfig(
                                new RateLimitConfig(500, 500),
                                new RateLimitConfig(60, 300),
                                new RateLimitConfig(3, 4),
                                new LockoutConfig(
                                        5, SECOND.multipliedBy(6), SECOND.multipliedBy(7)),
                                new RateLimitConfig(8, 9),
                                new ByteRateConfig(10 * 1024, 25L << 20)));
        assertThat(config.trustedBalancers().blocks())
                .extracting(AddressBlock::toString)
                .containsExactly("10.0.0.0/8", "::1/128");
        assertThat(config.state().directory()).isEqualTo(temp.resolve("state/here"));
        assertThat(config.state().keys()).isEqualTo(temp.resolve("tls.key"));
        assertThat(config.audit().directory()).isEqualTo(temp.resolve("audit"));
        assertThat(config.admin().listen()).isEqualTo(at("127.1.2.3", 0));
        assertThat(temp.resolve("state")).doesNotExist();
    }

    @Test
    void limits_mapEveryKey() {
        var limits =
                files.loaded(
                                ConfigFolder.SMALLEST
                                        + """
                                        limits:
                                          head: 1KiB
                                          fields: 8
                                          body: 2KiB
                                          head-time: 1s
                                          body-idle: 2s
                                          body-rate: 26B
                                          answer-time: 3s
                                          answer-idle: 4s
                                          keep-alive: 5s
                                          handshake-time: 6s
                                          client-hello: 21KiB
                                          handshakes: 22
                                          unproven-time: 23s
                                          connections: 7
                                          connections-per-address: 8
                                          http2-streams: 21
                                          http2-window: 22KiB
                                          http2-connection-window: 230KiB
                                          http2-resets: 24
                                          http2-control-frames: 25
                                          requests-per-user: 26
                                          sockets-per-user: 9
                                          socket-idle: 10s
                                          socket-pong-time: 25s
                                          socket-buffer: 64KiB
                                          memory: 24%
                                          gateway-connect-time: 11s
                                          gateway-connections: 12
                                          sessions: 13
                                          sign-ins: 14
                                          sign-in-time: 15s
                                          remembered-ids: 115
                                          store-time: 116ms
                                          store-grace: 117s
                                          audit-queue: 16
                                          provider-time: 17s
                                          provider-answer: 18KiB
                                          refresh-grace: 21s
                                          drain-jitter: 19s
                                          drain-grace: 20s
                                        """)
                        .limits();
        assertThat(limits)
                .isEqualTo(
                        new LimitsConfig(
                                1024,
                                8,
                                2048,
                                SECOND,
                                SECOND.multipliedBy(2),
                                26,
                                SECOND.multipliedBy(3),
                                SECOND.multipliedBy(4),
                                SECOND.multipliedBy(5),
                                SECOND.multipliedBy(6),
                                21 * 1024,
                                22,
                                SECOND.multipliedBy(23),
                                7,
                                8,
                                21,
                                22 * 1024,
                                230 * 1024,
                                24,
                                25,
                                26,
                                9,
                                SECOND.multipliedBy(10),
                                SECOND.multipliedBy(25),
                                64 * 1024,
                                24,
                                SECOND.multipliedBy(11),
                                12,
                                13,
                                14,
                                SECOND.multipliedBy(15),
                                115,
                                Duration.ofMillis(116),
                                SECOND.multipliedBy(117),
                                16,
                                SECOND.multipliedBy(17),
                                18 * 1024,
                                SECOND.multipliedBy(21),
                                SECOND.multipliedBy(19),
                                SECOND.multipliedBy(20)));
    }

    @Test
    void foldersThatCannotBeWritten_fallBackToTheXdgOnes() {
        var taken =
                files.write("file", "").resolve("portcullis"); // Nobody makes a folder in a file.
        assertThat(Folder.fallback(taken, "portcullis/audit", Map.of("HOME", "/home/op")))
                .isEqualTo(Path.of("/home/op/.local/state/portcullis/audit"));
        assertThat(
                        Folder.fallback(
                                taken, "portcullis", Map.of("XDG_STATE_HOME", "/s", "HOME", "/h")))
                .isEqualTo(Path.of("/s/portcullis"));
        assertThat(
                        Folder.fallback(
                                taken, "portcullis", Map.of("XDG_STATE_HOME", "s", "HOME", "/h")))
                .isEqualTo(Path.of("/h/.local/state/portcullis"));
        assertThat(Folder.fallback(temp.resolve("new"), "portcullis", Map.of()))
                .isEqualTo(temp.resolve("new"));
    }

    private static InetSocketAddress at(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }

    private String read(String name) {
        try {
            return Files.readString(temp.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
