package dev.portcullis.certs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevelopmentCertificatesTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @TempDir private Path temporary;

    @Test
    void everyFile_isForItsOwnerAlone() throws Exception {
        var made = make(NOW);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made.directory())))
                .isEqualTo("rwx------");
        try (var files = Files.list(made.directory())) {
            assertThat(files)
                    .hasSize(8)
                    .allSatisfy(file ->
                            assertThat(Files.getPosixFilePermissions(file))
                                    .isEqualTo(PosixFilePermissions.fromString("rw-------")));
        }
    }

    @Test
    void authority_signsOnlyLeaves_forItsNamesOnly_andKeepsNoKey() throws Exception {
        var made = make(NOW, "claw.example.com");
        var authority = certificate(made.authority());

        assertThat(authority.getBasicConstraints()).isZero(); // path length
        assertThat(authority.getKeyUsage()[5]).isTrue(); // keyCertSign
        assertThat(authority.getKeyUsage()[6]).isTrue(); // cRLSign
        assertThat(authority.getCriticalExtensionOIDs()).contains("2.5.29.30"); // names
        assertThat(authority.getSubjectX500Principal().getName())
                .contains("O=Portcullis development");
        assertThat(made.directory().resolve("ca.key")).doesNotExist();
    }

    @Test
    void server_hasNamesUseAndIdentifiers() throws Exception {
        var made = make(NOW, "Claw.example.com", "192.0.2.7");
        var server = certificate(made.server());

        assertThat(server.getSubjectAlternativeNames())
                .extracting(name -> (Object) name.get(1))
                .containsExactly(
                        "localhost",
                        "127.0.0.1",
                        "0:0:0:0:0:0:0:1",
                        "claw.example.com",
                        "192.0.2.7");
        assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(server.getBasicConstraints()).isEqualTo(-1);
        assertThat(server.getKeyUsage()[0]).isTrue(); // digitalSignature
        assertThat(server.getNonCriticalExtensionOIDs()).contains("2.5.29.14", "2.5.29.35");
        assertThat(server.getPublicKey().getAlgorithm()).isEqualTo("EC");
        assertThat(server.getNotAfter()).isEqualTo(Date.from(NOW.plus(Duration.ofDays(30))));
        assertThat(Files.readString(made.serverKey())).startsWith("-----BEGIN PRIVATE KEY-----\n");
    }

    @Test
    void clients_chainToTheAuthority_butTheRevokedOneIsListed() throws Exception {
        var made = make(NOW);
        var client = certificate(made.client());

        assertThat(client.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(client.getSubjectAlternativeNames())
                .extracting(name -> (Object) name.get(1))
                .containsExactly("alice@example.com");
        validate(made, made.client());
        validate(made, made.server());
        assertThatThrownBy(() -> validate(made, made.revokedClient()))
                .isInstanceOf(CertPathValidatorException.class)
                .hasMessageContaining("revoked");
    }

    @Test
    void keyHash_isTheServersAlone() throws Exception {
        var made = make(NOW);
        var other =
                DevelopmentCertificates.create(
                        temporary.resolve("other"), List.of(), Clock.fixed(NOW, ZoneOffset.UTC));

        assertThat(made.serverKeyHash()).hasSize(44).endsWith("=");
        assertThat(other.serverKeyHash()).isNotEqualTo(made.serverKeyHash());
    }

    @Test
    void madeBefore_isKeptWhileGood() throws Exception {
        var first = make(NOW, "claw.example.com").serverKeyHash();

        assertThat(make(NOW.plus(Duration.ofDays(28)), "claw.example.com").serverKeyHash())
                .isEqualTo(first);
        assertThat(make(NOW.plus(Duration.ofDays(29)), "claw.example.com").serverKeyHash())
                .isNotEqualTo(first);
    }

    @Test
    void otherNames_areMadeAnew() throws Exception {
        var first = make(NOW, "claw.example.com").serverKeyHash();

        assertThat(make(NOW, "other.example.com").serverKeyHash()).isNotEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca.crt", "server.crt", "server.key", "client.key", "clients.crl"})
    void missingFile_isMadeAnew(String name) throws Exception {
        var first = make(NOW);
        var before = first.serverKeyHash();
        Files.delete(first.directory().resolve(name));

        assertThat(make(NOW).serverKeyHash()).isNotEqualTo(before);
        assertThat(first.directory().resolve(name)).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca.crt", "server.crt", "clients.crl"})
    void brokenFile_isMadeAnew(String name) throws Exception {
        var first = make(NOW);
        Files.writeString(first.directory().resolve(name), "-----BEGIN nothing-----\n");

        validate(make(NOW), first.server());
    }

    @Test
    void commandLine_saysWhatItMade_orWhatItExpected() throws Exception {
        var clock = Clock.fixed(NOW, ZoneOffset.UTC);
        var printed = new ByteArrayOutputStream();
        try (var out = new PrintStream(printed, true, UTF_8)) {
            assertThat(CertsDev.run(List.of(), clock, out, out)).isEqualTo(2);
            assertThat(CertsDev.run(List.of("--help"), clock, out, out)).isEqualTo(2);
            var file = Files.createFile(temporary.resolve("file"));
            assertThat(CertsDev.run(List.of(file.toString()), clock, out, out)).isEqualTo(1);
            var folder = temporary.resolve("made").toString();
            assertThat(CertsDev.run(List.of(folder), clock, out, out)).isZero();
        }
        assertThat(printed.toString(UTF_8))
                .contains("usage: ./portcullis certs-dev")
                .contains("(expected: a folder that can be written)")
                .contains("made/server.crt");
    }

    private DevelopmentCertificates make(Instant now, String... names) throws Exception {
        return DevelopmentCertificates.create(
                temporary.resolve("certificates"),
                List.of(names),
                Clock.fixed(now, ZoneOffset.UTC));
    }

    private static X509Certificate certificate(Path file) throws Exception {
        try (var in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** RFC 5280 §6 as the JDK does it, with the revocation list. */
    private static void validate(DevelopmentCertificates made, Path leaf) throws Exception {
        var factory = CertificateFactory.getInstance("X.509");
        var anchor = new TrustAnchor(certificate(made.authority()), null);
        var parameters = new PKIXParameters(Set.of(anchor));
        try (var in = Files.newInputStream(made.revocations())) {
            var list = (X509CRL) factory.generateCRL(in);
            parameters.addCertStore(
                    CertStore.getInstance(
                            "Collection", new CollectionCertStoreParameters(List.of(list))));
        }
        parameters.setDate(Date.from(NOW));
        CertPathValidator.getInstance("PKIX")
                .validate(factory.generateCertPath(List.of(certificate(leaf))), parameters);
    }
}
