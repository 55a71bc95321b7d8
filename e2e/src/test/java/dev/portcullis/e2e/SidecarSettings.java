package dev.portcullis.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The configuration file of one sidecar under test: what every test shares, and what one test sets
 * otherwise.
 */
final class SidecarSettings {
    /** The secret name of the header that carries the user. */
    static final String USER_HEADER = "x-sidecar-user-6f1d0c5a9be248376f1d0c5a9be24837";

    private final Map<String, String> sections = new LinkedHashMap<>();
    private final String issuer;
    private Path providerAuthority;
    private String lifetimes = "";
    private String proof = "client-secret: " + Realm.CLIENT_SECRET;
    private String state = "";
    private String loopback = "127.0.0.1";
    private boolean plainProvider;
    private int port;

    SidecarSettings(TestCertificates certificates, int gatewayPort, String issuer) {
        this.providerAuthority = certificates.files().authority();
        this.issuer = issuer;
        section("public-origin", "https://" + TestCertificates.DOOR);
        section(
                "tls",
                "{ certificate: %s, key: %s, insecure-development-certificates: true }"
                        .formatted(
                                certificates.files().server(), certificates.files().serverKey()));
        section(
                "gateway",
                "{ address: 127.0.0.1:%d, user-header: %s }".formatted(gatewayPort, USER_HEADER));
        tokenType("at+jwt");
        section(
                "allow-users",
                "[%s, %s, { user: %s, role: viewer }]"
                        .formatted(
                                Realm.Person.CAROL.user(),
                                Realm.Person.ALICE.user(),
                                Realm.Person.BOB.user()));
        // One address plays everybody here; what the limit itself does is tested in the product.
        section(
                "rate-limits",
                "{ address: { rate: 10000/s, burst: 100000 }, user: { rate: 10000/s, burst: 100000 },"
                        + " tokens: { failures: 1000, within: 1s } }");
    }

    /** Sets or replaces a top-level key. */
    SidecarSettings section(String key, String value) {
        sections.put(key, value);
        return this;
    }

    /** How access tokens are told from others. */
    SidecarSettings tokenType(String type) {
        return section("tokens", "[" + token(issuer, type) + "]");
    }

    /** One entry of the tokens block. */
    String token(String tokenIssuer, String type) {
        return "{ issuer: %s, audience: %s, type: %s, user-claim: email, ca: %s }"
                .formatted(tokenIssuer, Realm.AUDIENCE, type, providerAuthority);
    }

    /** The authority of the provider's certificate, where it is not the door's own. */
    SidecarSettings trusting(Path authority) {
        providerAuthority = authority;
        return this;
    }

    /** Under the name of this host and that port, for clients that must be able to look it up. */
    SidecarSettings reachedAt(int localPort) {
        port = localPort;
        return section("public-origin", "https://localhost:" + localPort);
    }

    /** Where to listen: as said, or wherever nobody does. */
    int port() throws IOException {
        return port == 0 ? Project.freePort() : port;
    }

    /** Clients, operators and the Gateway by IPv6 alone. */
    SidecarSettings overIpv6(int gatewayPort) {
        loopback = "[::1]";
        return section(
                "gateway",
                "{ address: '[::1]:%d', user-header: %s }".formatted(gatewayPort, USER_HEADER));
    }

    /** The address at which everything listens, as it stands in a URL. */
    String loopback() {
        return loopback;
    }

    /** How long a session lives at most, such as {@code 20s}. */
    SidecarSettings absolute(String duration) {
        lifetimes = ", idle: " + duration + ", absolute: " + duration;
        return this;
    }

    /** The keys that prove the client, in place of the secret. */
    SidecarSettings provingItselfBy(String keys) {
        proof = keys;
        return this;
    }

    /** More of the state block, such as a Redis. */
    SidecarSettings state(String more) {
        state = ", " + more;
        return this;
    }

    String state() {
        return state;
    }

    /** For a provider on loopback without TLS; and no tokens of it. */
    SidecarSettings plainProvider() {
        plainProvider = true;
        sections.remove("tokens");
        return this;
    }

    String yaml() {
        section(
                "sign-in",
                "{ issuer: %s, client-id: %s, %s, groups-claim: groups, %s%s }"
                        .formatted(
                                issuer,
                                Realm.CLIENT,
                                proof,
                                plainProvider
                                        ? "insecure-http-issuer: true"
                                        : "ca: " + providerAuthority,
                                lifetimes));
        return sections.entrySet().stream()
                .map(e -> e.getKey() + ": " + e.getValue() + "\n")
                .collect(Collectors.joining());
    }
}
