package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.TestAuthority;
import dev.portcullis.testing.TestAuthority.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Client certificates at a door that asks for them, and at one that insists. */
class ClientCertificateTest {
    private static final TestAuthority ROOT = TestAuthority.root("Clients").now();
    private static final TestAuthority STRANGER = TestAuthority.root("Clients").now();
    private static final Identity ALICE = of(ROOT, "alice@example.com");
    private static final Identity EMERGENCY = of(ROOT, "ada@example.com");
    private static final Identity DEVICE = ROOT.leaf().identity();
    private static final Identity SERVER =
            ROOT.leaf()
                    .names(new GeneralName(GeneralName.rfc822Name, "alice@example.com"))
                    .uses(KeyPurposeId.id_kp_serverAuth)
                    .identity();
    private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: claw.test\r\n";

    @TempDir static Path folder;
    @TempDir static Path strictFolder;
    private static TestDoor door;
    private static TestDoor strict;

    @BeforeAll
    static void open() throws IOException {
        door = open(folder, "optional");
        strict = open(strictFolder, "required");
    }

    private static TestDoor open(Path at, String mode) throws IOException {
        Files.writeString(at.resolve("clients.crt"), ROOT.pem());
        Files.writeString(at.resolve("clients.crl"), ROOT.revocations().pem());
        return TestDoor.openWithTls(
                at,
                ", client-auth: " + mode + ", client-ca: clients.crt, crl: clients.crl",
                "client-certificates: { break-glass: [ " + fingerprint(EMERGENCY) + " ] }");
    }

    @AfterAll
    static void close() {
        door.close();
        strict.close();
    }

    @BeforeEach
    void startOver() {
        door.gateway().startOver();
        strict.gateway().startOver();
    }

    @Test
    void certificateAlone_isTheIdentity() {
        assertThat(ask(door, ALICE, "")).startsWith("HTTP/1.1 200 ");
        assertThat(door.gateway().heads().getFirst())
                .contains(TestDoor.USER_HEADER + ": alice@example.com\r\n")
                .contains("x-openclaw-scopes: operator.read,");
        assertThat(ask(strict, ALICE, "")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void goodCertificateOfAStranger_isNotAllowed() {
        assertThat(ask(door, of(ROOT, "mallory@example.com"), "")).startsWith("HTTP/1.1 403 ");
        assertThat(door.gateway().heads()).isEmpty();
    }

    @Test
    void badCertificate_isRefusedEvenBesideAGoodSession() {
        var session = session("alice@example.com");
        assertThat(ask(door, null, session)).startsWith("HTTP/1.1 200 ");
        door.gateway().forget();
        for (var bad : new Identity[] {of(STRANGER, "alice@example.com"), SERVER}) {
            assertThat(ask(door, bad, "")).startsWith("HTTP/1.1 401 ");
            assertThat(ask(door, bad, session)).startsWith("HTTP/1.1 401 ");
        }
        assertThat(door.gateway().heads()).isEmpty();
    }

    @Test
    void refusedCertificate_closesItsConnection() {
        assertThat(ask(door, of(STRANGER, "alice@example.com"), ""))
                .containsIgnoringCase("\r\nconnection: close\r\n");
        assertThat(ask(door, ALICE, session("victor@example.com")))
                .containsIgnoringCase("\r\nconnection: close\r\n");
    }

    @Test
    void besideASession_mustNotNameAnybodyElse() {
        assertThat(ask(door, ALICE, session("victor@example.com"))).startsWith("HTTP/1.1 403 ");
        assertThat(door.gateway().heads()).isEmpty();
        assertThat(ask(door, ALICE, session("alice@example.com"))).startsWith("HTTP/1.1 200 ");
        assertThat(ask(door, DEVICE, session("victor@example.com")))
                .as("it names nobody")
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void besideAnythingElse_itMendsNothing() {
        assertThat(ask(door, ALICE, "Cookie: __Host-portcullis=x\r\n")).startsWith("HTTP/1.1 401 ");
        assertThat(ask(door, ALICE, "Authorization: Bearer x\r\n")).startsWith("HTTP/1.1 401 ");
        assertThat(ask(door, ALICE, session("alice@example.com") + "Authorization: Bearer x\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(ask(door, DEVICE, "")).as("names nobody").startsWith("HTTP/1.1 401 ");
        assertThat(door.gateway().heads()).isEmpty();
    }

    @Test
    void none_certificatesAreNotAskedForAndMendOrSpoilNothing(@TempDir Path own)
            throws IOException {
        try (var plain = TestDoor.open(own)) {
            var cookie = "Cookie: " + plain.signIn("victor@example.com") + "\r\n";
            for (var identity : new Identity[] {ALICE, of(STRANGER, "alice@example.com"), SERVER}) {
                assertThat(ask(plain, identity, "")).startsWith("HTTP/1.1 401 ");
                assertThat(ask(plain, identity, cookie)).startsWith("HTTP/1.1 200 ");
            }
            assertThat(plain.gateway().heads())
                    .hasSize(3)
                    .allMatch(head -> head.contains(TestDoor.USER_HEADER + ": victor@"));
        }
        assertThat(Files.readString(own.resolve("audit/audit.jsonl")))
                .contains("\"reason\":\"no-credentials\"")
                .doesNotContain("certificate");
    }

    @Test
    void foreignOrigin_isRefusedWithACertificateToo() {
        assertThat(ask(door, ALICE, "Origin: https://evil.test\r\n")).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void emergency_isLoud() throws IOException {
        assertThat(ask(door, EMERGENCY, "")).startsWith("HTTP/1.1 200 ");
        var audit = new StringBuilder();
        try (var files = Files.walk(folder.resolve("audit"))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                audit.append(Files.readString(file));
            }
        }
        assertThat(audit.toString().lines().filter(line -> line.contains("ada@example.com")))
                .singleElement()
                .asString()
                .contains("\"break-glass\"")
                .contains(fingerprint(EMERGENCY));
    }

    @Test
    void required_noCertificate_doesNotGetPastTls() {
        assertThatThrownBy(() -> ask(strict, null, session("alice@example.com")))
                .isInstanceOfAny(UncheckedIOException.class, AssertionError.class);
        assertThat(strict.gateway().heads()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x", "/_portcullis/sign-in", "/_portcullis/me", "/favicon.ico"})
    void required_badCertificate_getsNothing(String path) {
        var request = "GET " + path + " HTTP/1.1\r\nHost: claw.test\r\nAccept: text/html\r\n\r\n";
        try (var client = connect(strict, of(STRANGER, "alice@example.com"), TestDoor.HOST)) {
            assertThat(client.send(request).readToEnd()).startsWith("HTTP/1.1 401 ");
        }
        assertThat(strict.gateway().heads()).isEmpty();
    }

    @Test
    void otherServerName_is421AndNoNameWeakensNothing() {
        try (var client = connect(strict, ALICE, "other.test")) {
            assertThat(client.send(REQUEST + "\r\n").readAnswer()).startsWith("HTTP/1.1 421 ");
        }
        try (var client = connect(strict, of(STRANGER, "alice@example.com"), null)) {
            assertThat(client.send(REQUEST + "\r\n").readAnswer()).startsWith("HTTP/1.1 401 ");
        }
        assertThat(strict.gateway().heads()).isEmpty();
    }

    @Test
    void helloInManyRecordsAndSegments_weakensNothing() throws IOException {
        assertThat(dribbled(door, ALICE)).startsWith("HTTP/1.1 200 ");
        assertThat(dribbled(door, of(STRANGER, "alice@example.com"))).startsWith("HTTP/1.1 401 ");
        assertThatThrownBy(() -> dribbled(strict, null))
                .isInstanceOfAny(UncheckedIOException.class, AssertionError.class);
        assertThat(strict.gateway().heads()).isEmpty();
    }

    /** What a handshake brings is kept for a stranger too. */
    @Test
    void certificatesOfMoreThan16Kib_endTheHandshake() {
        assertThat(ask(door, named(300), "")).startsWith("HTTP/1.1 200 ");
        assertThatThrownBy(() -> ask(door, named(600), ""))
                .isInstanceOfAny(UncheckedIOException.class, AssertionError.class);
    }

    /** Alice, and so many names of thirty bytes. */
    private static Identity named(int names) {
        var all = new ArrayList<GeneralName>();
        all.add(new GeneralName(GeneralName.rfc822Name, "alice@example.com"));
        for (int i = 0; i < names; i++) {
            all.add(
                    new GeneralName(
                            GeneralName.dNSName, "a%03d.of.many.names.example".formatted(i)));
        }
        return ROOT.leaf().names(all.toArray(GeneralName[]::new)).identity();
    }

    private static String dribbled(TestDoor at, Identity identity) throws IOException {
        var slow = new DribblingSocket(at.portcullis().address());
        try (var client = new RawClient(slow, TestDoor.HOST, List.of(), context(identity))) {
            return client.send(REQUEST + "\r\n").readAnswer();
        }
    }

    private static String session(String user) {
        return "Cookie: " + door.signIn(user) + "\r\n";
    }

    static String ask(TestDoor at, Identity identity, String fields) {
        try (var client = connect(at, identity, TestDoor.HOST)) {
            return client.send(REQUEST + fields + "\r\n").readAnswer();
        }
    }

    private static RawClient connect(TestDoor at, Identity identity, String name) {
        try {
            InetSocketAddress address = at.portcullis().address();
            return new RawClient(
                    new Socket(address.getAddress(), address.getPort()),
                    name,
                    List.of(),
                    context(identity));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SSLContext context(Identity identity) {
        if (identity == null) {
            return RawClient.trusting(null);
        }
        try {
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(identity.store(), new char[0]);
            return RawClient.trusting(keys.getKeyManagers());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Identity of(TestAuthority authority, String mail) {
        return authority.leaf().names(new GeneralName(GeneralName.rfc822Name, mail)).identity();
    }

    private static String fingerprint(Identity identity) {
        try {
            var digest = java.security.MessageDigest.getInstance("SHA-256");
            return java.util.HexFormat.of()
                    .formatHex(digest.digest(identity.certificate().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
