package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.e2e.TestAuthority.Holder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Certificates are replaced, broken, revoked or at their end, the door's own and its clients'. */
@Isolated("It measures.")
class CertificateFaultsTest {
    private static final Duration IN_FORCE = Duration.ofSeconds(5);
    private static final int IDENTITY_ENDED = 4401;
    private static final String GET =
            "GET / HTTP/1.1\r\nHost: " + TestCertificates.DOOR + "\r\n\r\n";

    private TestAuthority doors;
    private TestAuthority clients;
    private Path folder;
    private RecordingGateway gateway;
    private Sidecar sidecar;

    @BeforeEach
    void start() throws GeneralSecurityException, IOException {
        doors = new TestAuthority("Doors");
        clients = new TestAuthority("Clients");
        folder = Project.output("certificate-faults");
        write(doors.server());
        TestAuthority.put(folder.resolve("clients.crl"), clients.revocations());
        TestAuthority.put(folder.resolve("clients.crt"), clients.pem());
        gateway = RecordingGateway.start();
        var settings =
                new SidecarSettings(
                                TestCertificates.ofThisRun(), gateway.port(), "http://127.0.0.1:9")
                        .plainProvider() // Nobody signs in there.
                        .section(
                                "tls",
                                "{ certificate: %1$s/server.crt, key: %1$s/server.key,"
                                                .formatted(folder)
                                        + " client-auth: optional, client-ca: %1$s/clients.crt, crl: %1$s/clients.crl }"
                                                .formatted(folder))
                        .section("client-certificates", "{ user: san-email }");
        sidecar = Sidecar.startUnready(TestCertificates.ofThisRun(), settings, List.of());
    }

    @AfterEach
    void stop() throws IOException {
        sidecar.close();
        gateway.close();
    }

    @Test
    void ownCertificate_isReplacedUnderLoadAndABrokenOneKeepsTheOld() throws Exception {
        var alice = clients.client(Realm.Person.ALICE.user());
        var visitor = new Visitor(() -> connect(alice), GET, 5);
        long recovered;
        try (visitor;
                var socket = open(alice)) {
            Await.until("an answer", IN_FORCE, () -> visitor.goodNanos() != 0);
            var second = doors.server();
            write(second);
            Await.until("the second", IN_FORCE, () -> shown().equals(second.certificate()));

            var third = doors.server();
            var whole = write(third, "half");
            Files.writeString(folder.resolve("server.crt"), whole.substring(0, whole.length() / 2));
            Await.until("the alarm", IN_FORCE, () -> reloadFailed().equals("1.0"));
            assertThat(shown()).isEqualTo(second.certificate());
            assertThat(sidecar.ask("ready").text()).contains("configuration");

            long begun = System.nanoTime();
            write(third);
            Await.until("the third", IN_FORCE, () -> shown().equals(third.certificate()));
            recovered = System.nanoTime() - begun;
            Await.until("no alarm", IN_FORCE, () -> reloadFailed().equals("0.0"));
            echoes(socket);
        }
        assertThat(visitor.seen()).containsOnlyKeys(200);
        assertThat(visitor.unanswered()).isZero();
        FaultLine.print(
                "own certificate replaced, half written",
                "the old one until the new is whole, answers " + visitor.seen(),
                visitor.unanswered(),
                recovered);
    }

    @Test
    void clientCertificate_revokedEndedOrOfAFormerAuthority_isJudgedAtOnce() throws Exception {
        var alice = clients.client(Realm.Person.ALICE.user());
        var bob = clients.client(Realm.Person.BOB.user());
        var end = Instant.now().plusSeconds(6);
        var carol = clients.client(Realm.Person.CAROL.user(), end);
        try (var kept = connect(alice);
                var revoked = open(alice);
                var staying = open(bob);
                var ending = open(carol)) {
            assertThat(kept.send(GET).answer().status()).isEqualTo(200);

            long begun = System.nanoTime();
            TestAuthority.put(folder.resolve("clients.crl"), clients.revocations(alice));
            assertThat(Frames.read(revoked.in()).closeCode()).isEqualTo(IDENTITY_ENDED);
            long cut = System.nanoTime() - begun;
            assertThat(kept.send(GET).answer().status()).isEqualTo(401);
            assertThat(status(alice)).isEqualTo(401);
            echoes(staying);
            assertThat(status(bob)).isEqualTo(200);
            FaultLine.print("client certificate revoked", "401, and 4401 on its socket", 0, cut);

            assertThat(Frames.read(ending.in()).closeCode()).isEqualTo(IDENTITY_ENDED);
            var late = Duration.between(end, Instant.now());
            assertThat(late).isBetween(Duration.ofSeconds(-1), IN_FORCE);
            FaultLine.print(
                    "client certificate at its end",
                    "4401 on its socket",
                    0,
                    Math.max(0, late.toNanos()));

            var others = new TestAuthority("Other clients");
            var newcomer = others.client(Realm.Person.ALICE.user());
            assertThat(refused(newcomer)).isTrue();
            begun = System.nanoTime();
            TestAuthority.put(folder.resolve("clients.crl"), others.revocations());
            TestAuthority.put(folder.resolve("clients.crt"), others.pem());
            Await.until("the new authority", IN_FORCE, () -> !refused(newcomer));
            long recovered = System.nanoTime() - begun;
            assertThat(Frames.read(staying.in()).closeCode()).isEqualTo(IDENTITY_ENDED);
            assertThat(refused(bob)).isTrue();
            FaultLine.print(
                    "clients' authority replaced",
                    "200 for its people, 401 and 4401 for the others",
                    0,
                    recovered);
        }
    }

    /** Key first, so that no moment has a certificate without its key for long. */
    private void write(Holder holder) throws IOException {
        holder.writeTo(folder.resolve("server.crt"), folder.resolve("server.key"));
    }

    /** Beside the files that count; the text of the certificate. */
    private String write(Holder holder, String name) throws IOException {
        var certificate = folder.resolve(name + ".crt");
        holder.writeTo(certificate, folder.resolve(name + ".key"));
        return Files.readString(certificate);
    }

    private DoorClient connect(Holder client) throws IOException {
        try {
            var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), sidecar.port());
            return DoorClient.connect(doors.showing(client), address, 0);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private DoorClient open(Holder client) throws IOException {
        var opened = connect(client);
        opened.openSocket("/", "a=b");
        assertThat(Frames.read(opened.in()).text()).isEqualTo("hello");
        return opened;
    }

    private int status(Holder client) throws IOException {
        try (var connection = connect(client)) {
            return connection.send(GET).answer().status();
        }
    }

    /** By an answer, or by the end of the handshake. */
    private boolean refused(Holder client) {
        try {
            return status(client) == 401;
        } catch (IOException handshakeEnded) {
            return true;
        }
    }

    private static void echoes(DoorClient socket) throws IOException {
        Frames.writeMasked(socket.out(), Frames.TEXT, new byte[] {'y', 'e', 's'});
        assertThat(Frames.read(socket.in()).text()).isEqualTo("yes");
    }

    private java.security.cert.Certificate shown() throws IOException {
        try (var client = sidecar.connect(doors.trusting())) {
            return client.certificate();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private String reloadFailed() throws IOException {
        return sidecar.ask("metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("portcullis_reload_failed"))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElseThrow();
    }
}
