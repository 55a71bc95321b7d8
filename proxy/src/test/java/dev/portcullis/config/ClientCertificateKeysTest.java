package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.ClientAuthConfig.Mode;
import dev.portcullis.config.ClientCertificatesConfig.NameFrom;
import dev.portcullis.testing.TestAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code tls.client-*} and {@code client-certificates}: what they map to, and what is refused. */
class ClientCertificateKeysTest {
    private static final String NAMES = "client-certificates: { user: subject-cn }\n";

    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
        ClientFiles.write(files);
    }

    private static String tls(String more) {
        return ConfigFolder.SMALLEST.replace("key: tls.key", "key: tls.key, " + more);
    }

    @Test
    void everyKey_isMapped() {
        var fingerprint = "AB:".repeat(31) + "CD";
        var config =
                files.loaded(
                        tls("client-auth: required, client-ca: clients.crt, crl: clients.crl")
                                + "client-certificates: { user: san-uri, break-glass: ['"
                                + fingerprint
                                + "'] }\n");
        var clients = config.tls().clients();
        assertThat(clients.mode()).isEqualTo(Mode.REQUIRED);
        assertThat(clients.ca()).isEqualTo(temp.resolve("clients.crt"));
        assertThat(clients.crl()).isEqualTo(temp.resolve("clients.crl"));
        assertThat(clients.roots()).containsExactly(ClientFiles.AUTHORITY.certificate());
        assertThat(clients.revocations()).hasSize(1);
        var names = config.clientCertificates();
        assertThat(names.user()).isEqualTo(NameFrom.SAN_URI);
        assertThat(names.breakGlass()).containsExactly("ab".repeat(31) + "cd");
    }

    @Test
    void nothingSaid_asksNobody() {
        var config = files.loaded(ConfigFolder.SMALLEST);
        assertThat(config.tls().clients()).isEqualTo(ClientAuthConfig.NONE);
        assertThat(config.clientCertificates()).isNull();
    }

    @Test
    void certificatesAlone_areAWayIn() {
        var yaml =
                tls("client-auth: optional, client-ca: clients.crt")
                        .replaceAll("(?s)sign-in:.*allow", "allow");
        assertThat(files.problems(yaml + NAMES)).isEmpty();
        assertThat(files.problems(yaml)).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    client-auth: optional                                           | tls.client-ca
                    client-auth: none, client-ca: clients.crt                       | tls.client-ca
                    client-ca: clients.crt                                          | tls.client-ca
                    crl: clients.crl                                                | tls.crl
                    client-auth: optional, client-ca: absent.crt                    | tls.client-ca
                    client-auth: optional, client-ca: tls.key                       | tls.client-ca
                    client-auth: optional, client-ca: leaf.crt                      | tls.client-ca
                    client-auth: optional, client-ca: between.crt                   | tls.client-ca
                    client-auth: optional, client-ca: development.crt               | tls.client-ca
                    client-auth: required, client-ca: clients.crt, crl: clients.crt | tls.crl
                    client-auth: required, client-ca: clients.crt, crl: other.crl   | tls.crl
                    client-auth: required, client-ca: clients.crt, crl: cut.crl     | tls.crl
                    client-auth: required, client-ca: both.crt, crl: clients.crl    | tls.crl
                    """)
    void fileOfAnotherKind_isRefused(String keys, String named) {
        var between = ClientFiles.AUTHORITY.between("Between", null);
        files.write("leaf.crt", TestAuthority.pem(ClientFiles.AUTHORITY.client("a@b.c")));
        files.write("between.crt", between.pem());
        files.write("both.crt", ClientFiles.AUTHORITY.pem() + between.pem());
        files.write(
                "development.crt",
                TestAuthority.root("x,O=Portcullis development").at(ConfigFolder.NOW).pem());
        var other = TestAuthority.root("Clients").at(ConfigFolder.NOW).revocations();
        files.write("other.crl", other.pem());
        var list = ClientFiles.AUTHORITY.revocations().pem();
        files.write("cut.crl", list.substring(0, list.length() / 2));
        assertThat(files.problems(tls(keys)))
                .singleElement()
                .asString()
                .contains(" " + named + ": found ");
    }

    @Test
    void namesWithoutAskingForCertificates_areRefused() {
        assertThat(files.problems(ConfigFolder.SMALLEST + NAMES))
                .singleElement()
                .asString()
                .contains("client-certificates: found given, but nobody is asked for one");
    }

    @ParameterizedTest
    @CsvSource({"user, san-dns", "user, email", "break-glass, [abcd]", "break-glass, [xyz]"})
    void unknownValue_isRefused(String key, String value) {
        var yaml =
                tls("client-auth: optional, client-ca: clients.crt")
                        + "client-certificates: { "
                        + key
                        + ": "
                        + value
                        + " }\n";
        assertThat(files.problems(yaml)).hasSize(1);
    }

    @Test
    void listOutOfDate_isWarnedAbout() {
        var list =
                ClientFiles.AUTHORITY
                        .revocations()
                        .until(ConfigFolder.NOW.minus(Duration.ofSeconds(1)));
        files.write("old.crl", list.pem());
        var result = files.load(tls("client-auth: optional, client-ca: clients.crt, crl: old.crl"));
        assertThat(result)
                .isInstanceOfSatisfying(
                        ConfigFile.Loaded.class,
                        loaded ->
                                assertThat(Arrays.asList(loaded.warnings().toArray()))
                                        .anySatisfy(one ->
                                                assertThat(one.toString())
                                                        .contains("out of date")));
    }
}
