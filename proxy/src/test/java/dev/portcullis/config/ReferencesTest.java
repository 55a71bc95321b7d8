package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands for values from the environment and from files. */
class ReferencesTest {
    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
        files.env.put("REALM", "team");
        files.env.put("NESTED", "${env:REALM}");
    }

    @Test
    void partsOfAValue_areResolvedOnce() {
        assertThat(clientId("'a-${env:REALM}-${file:client-secret}-b'"))
                .isEqualTo("a-team-correct horse battery staple-b");
        assertThat(clientId("'${env:NESTED}'")).isEqualTo("${env:REALM}");
        assertThat(clientId("'$${env:REALM}'")).isEqualTo("${env:REALM}");
        assertThat(clientId("$5")).isEqualTo("$5");
    }

    @Test
    void onlyOneTrailingNewline_isTakenOff() {
        files.write("one", "id\r\n");
        assertThat(clientId("${file:one}")).isEqualTo("id");
        files.write("two", "id\n\n");
        assertThat(problem("${file:two}")).contains("found ${file:two} (expected: a client id");
    }

    @Test
    void absolutePath_staysAbsolute() {
        assertThat(clientId("${file:" + files.write("id", "me") + "}")).isEqualTo("me");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ${env:ABSENT}  | ${env:ABSENT}, which is not set
                    ${file:absent} | ${file:absent}: no such file
                    ${file:.}      | ${file:.}: something that is not a regular file
                    ${file:large}  | ${file:large}: more than 64 KiB
                    ${file:binary} | ${file:binary}: bytes that are not UTF-8
                    ${vault:x}     | an unknown reference
                    ${REALM}       | an unknown reference
                    '${env:}'      | an unknown reference
                    """)
    void whatCannotBeResolved_isAProblemAtItsPlace(String value, String found) throws IOException {
        files.write("large", "x".repeat(64 * 1024 + 1));
        Files.write(temp.resolve("binary"), new byte[] {(byte) 0xFF});
        assertThat(problem(value))
                .startsWith("portcullis.yaml:8:14: sign-in.client-id: found " + found);
    }

    @Test
    void fileOf64KiB_isRead() {
        files.write("full", "x".repeat(64 * 1024 - 1) + "\n");
        assertThat(problem("${file:full}")).contains("(expected: a client id");
    }

    @Test
    void valueThatCameInByReference_isNeverShown() {
        files.write("token", "hunter2\u0001\n");
        files.env.put("PASSWORD", "hunter2\u0001");
        assertThat(problem("${file:token}"))
                .contains("found ${file:token} (")
                .doesNotContain("hunter2");
        assertThat(problem("${env:PASSWORD}"))
                .contains("found ${env:PASSWORD} (")
                .doesNotContain("hunter2");
        var localhost = ConfigFolder.SMALLEST.replace("0.0.0.0:8443", "${env:LISTEN}");
        files.env.put("LISTEN", "localhost:4711");
        assertThat(files.problems(localhost)).singleElement().asString().doesNotContain("4711");
    }

    @Test
    void valueOfASecretKey_isNeverShown() {
        var yaml =
                ConfigFolder.SMALLEST
                        .replace("${file:user-header}", "hunter2 hunter2")
                        .replace("${file:client-secret}", "\"hunter2\\a\"")
                        .replace("client-id:", "client-sercet: hunter2\n  client-id:");
        assertThat(files.problems(yaml)).hasSize(3);
        assertThat(files.problems(yaml).toString()).doesNotContain("hunter2");
    }

    @Test
    void printedConfiguration_holdsNoSecret() {
        assertThat(files.loaded(ConfigFolder.SMALLEST).toString())
                .contains("clientId=portcullis", "(secret)")
                .doesNotContain("correct horse", ConfigFolder.HEADER);
    }

    private String clientId(String value) {
        return files.loaded(withClientId(value)).signIn().clientId();
    }

    private String problem(String value) {
        return files.problems(withClientId(value)).getFirst();
    }

    private static String withClientId(String value) {
        return ConfigFolder.SMALLEST.replace("client-id: portcullis", "client-id: " + value);
    }
}
