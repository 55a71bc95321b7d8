package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that are right one by one, and not together, stop the start. */
class ContradictionsTest {
    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
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
}
