package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.ConfigFile;
import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.TestAuthority;
import dev.portcullis.testing.TestAuthority.Identity;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A certificate comes on the revocation list while its holder is at the door. */
class CertificateRevocationTest {
    private static final TestAuthority ROOT = TestAuthority.root("Clients").now();
    private static final Identity ALICE = ClientCertificateTest.of(ROOT, "alice@example.com");
    private static final Identity VICTOR = ClientCertificateTest.of(ROOT, "victor@example.com");
    private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: claw.test\r\n\r\n";
    private static final Duration CUT_WITHIN = Duration.ofSeconds(1);

    @TempDir Path folder;
    private TestDoor door;

    @BeforeEach
    void open() throws IOException {
        Files.writeString(folder.resolve("clients.crt"), ROOT.pem());
        Files.writeString(folder.resolve("clients.crl"), ROOT.revocations().pem());
        door =
                TestDoor.openWithTls(
                        folder,
                        ", client-auth: required, client-ca: clients.crt, crl: clients.crl",
                        "client-certificates: { user: san-email }");
    }

    @AfterEach
    void close() {
        door.close();
    }

    /** How a new list comes into force. */
    enum Way {
        /** Its file is renamed into place, and that is all. */
        RENAMED,
        /** Somebody reloads besides. */
        RELOADED
    }

    @ParameterizedTest
    @EnumSource
    void revoked_nextRequestNextConnectionAndOpenSocketAreOver(Way way) throws IOException {
        var alice = new Client(ALICE);
        var victor = new Client(VICTOR);
        try (var kept = alice.connect();
                var socket = DoorSocket.open(door, alice.connect(), "X-Nothing: 1");
                var others = DoorSocket.open(door, victor.connect(), "X-Nothing: 1")) {
            door.gateway().forget();
            assertThat(kept.send(REQUEST).readAnswer()).startsWith("HTTP/1.1 200 ");
            int shown = alice.shown.get();
            try (var next = alice.connect()) {
                assertThat(next.send(REQUEST).readAnswer()).startsWith("HTTP/1.1 200 ");
            }
            assertThat(alice.shown.get()).as("nothing is resumed").isEqualTo(shown + 1);
            door.gateway().forget();

            long renamed = System.nanoTime();
            put(ROOT.revocations(ALICE.certificate()));
            if (way == Way.RELOADED) {
                reload();
                renamed = System.nanoTime();
            }

            assertThat(socket.closeCode()).isEqualTo(4401);
            var cut = Duration.ofNanos(System.nanoTime() - renamed);
            assertThat(kept.send(REQUEST).readAnswer()).startsWith("HTTP/1.1 401 ");
            try (var next = alice.connect()) {
                assertThat(next.send(REQUEST).readAnswer()).startsWith("HTTP/1.1 401 ");
            }
            var all = Duration.ofNanos(System.nanoTime() - renamed);
            others.ping();
            assertThat(victor.ask()).startsWith("HTTP/1.1 200 ");
            assertThat(door.gateway().heads()).allMatch(head -> head.contains("victor@"));
            System.out.printf(
                    "Revocation, %s: socket closed %d ms after it; next request and next"
                            + " connection refused by %d ms; others kept%n",
                    way, cut.toMillis(), all.toMillis());
            if (way == Way.RELOADED) {
                assertThat(cut).isLessThan(CUT_WITHIN);
            }
        }
    }

    @Test
    void listThatRunsOut_endsSockets() throws IOException {
        try (var socket = DoorSocket.open(door, new Client(ALICE).connect(), "X-Nothing: 1")) {
            write(ROOT.revocations().until(Instant.now().plusSeconds(3)));
            assertThat(socket.closeCode()).isEqualTo(4401);
        }
        assertThat(new Client(ALICE).ask()).startsWith("HTTP/1.1 503 ");
        write(ROOT.revocations());
        assertThat(new Client(ALICE).ask()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void brokenList_changesNothing() throws IOException {
        revoke(ALICE.certificate());
        assertThat(new Client(ALICE).ask()).startsWith("HTTP/1.1 401 ");
        var list = ROOT.revocations().pem();
        Files.writeString(folder.resolve("clients.crl"), list.substring(0, list.length() / 2));
        assertThat(ConfigFile.load(door.file(), Map.of())).isInstanceOf(ConfigFile.Invalid.class);
        assertThat(new Client(ALICE).ask()).startsWith("HTTP/1.1 401 ");
    }

    private void revoke(X509Certificate certificate) throws IOException {
        write(ROOT.revocations(certificate));
    }

    private void write(TestAuthority.Revocations list) throws IOException {
        put(list);
        reload();
    }

    private void put(TestAuthority.Revocations list) throws IOException {
        var next = Files.writeString(folder.resolve("clients.crl.next"), list.pem());
        Files.move(next, folder.resolve("clients.crl"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void reload() {
        assertThat(door.reload("claw.test", "claw.test")).isInstanceOf(Reload.Done.class);
    }

    /** One client with its TLS sessions; counts how often it had to show its certificate. */
    private final class Client {
        private final AtomicInteger shown = new AtomicInteger();
        private final SSLContext context;

        Client(Identity identity) {
            try {
                var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keys.init(identity.store(), new char[0]);
                var counting = new Counting((X509KeyManager) keys.getKeyManagers()[0], shown);
                context = RawClient.trusting(new KeyManager[] {counting});
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        RawClient connect() throws IOException {
            var address = door.portcullis().address();
            var plain = new Socket(address.getAddress(), address.getPort());
            return new RawClient(plain, TestDoor.HOST, List.of(), context);
        }

        String ask() throws IOException {
            try (var client = connect()) {
                return client.send(REQUEST).readAnswer();
            }
        }
    }

    /** Counts how often a certificate is asked for: never when a session is resumed. */
    private static final class Counting extends X509ExtendedKeyManager {
        private final X509KeyManager keys;
        private final AtomicInteger shown;

        Counting(X509KeyManager keys, AtomicInteger shown) {
            this.keys = keys;
            this.shown = shown;
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            shown.incrementAndGet();
            return keys.chooseClientAlias(types, issuers, socket);
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return keys.getClientAliases(type, issuers);
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return keys.getServerAliases(type, issuers);
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return keys.chooseServerAlias(type, issuers, socket);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }
}
