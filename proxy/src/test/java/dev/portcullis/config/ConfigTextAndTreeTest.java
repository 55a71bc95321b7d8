package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not what a configuration file is, however they are wrong. */
class ConfigTextAndTreeTest {
    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
    }

    @Test
    void missingFile_isNamed() {
        assertThat(problems(temp.resolve("absent.yaml"))).containsExactly("1:1 no such file");
    }

    @Test
    void folder_isNoFile() {
        assertThat(problems(temp)).containsExactly("1:1 something that is not a regular file");
    }

    @Test
    void oneMebibyte_isRead_oneByteMoreIsNot() throws IOException {
        var text = ConfigFolder.SMALLEST + "#".repeat(1024 * 1024 - ConfigFolder.SMALLEST.length());
        assertThat(problems(files.write("full.yaml", text))).isEmpty();
        assertThat(problems(files.write("over.yaml", text + "#")))
                .containsExactly("1:1 more than 1 MiB");
    }

    @Test
    void bytesThatAreNotUtf8_areNamedWithTheirPlace() throws IOException {
        var file = temp.resolve("latin.yaml");
        Files.write(file, "listen: 1\n# caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(problems(file)).containsExactly("2:6 bytes that are not UTF-8");
    }

    @Test
    void byteCutInTheMiddleOfACharacter_isNotUtf8() throws IOException {
        var file = temp.resolve("cut.yaml");
        Files.write(file, new byte[] {'#', (byte) 0xC3});
        assertThat(problems(file)).containsExactly("1:2 bytes that are not UTF-8");
    }

    @Test
    void controlCharacter_isNamedWithItsPlace() {
        var file = files.write("bell.yaml", "# \uD83D\uDE00\u0007\n");
        assertThat(problems(file)).containsExactly("1:4 the control character U+0007");
    }

    @Test
    void byteOrderMark_isSkipped() {
        assertThat(problems(files.write("bom.yaml", "\uFEFF" + ConfigFolder.SMALLEST))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# nothing\n", "---\n", "null\n", "~\n"})
    void emptyFile_isRefused(String text) {
        assertThat(problems(files.write("empty.yaml", text))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    - a             | 1:1 a list
                    word            | 1:1 a single value
                    a: &x 1         | 1:4 an anchor (&)
                    &x a: 1         | 1:1 an anchor (&)
                    a: *x           | 1:4 an alias (*)
                    a: !!str 1      | 1:4 a tag (!)
                    a: !x {}        | 1:4 a tag (!)
                    !x a: 1         | 1:1 a tag (!)
                    a: [&x [], *x]  | 1:5 an anchor (&)
                    """)
    void moreThanPlainYaml_isRefused(String text, String problem) {
        assertThat(problems(files.write("yaml.yaml", text)).getFirst()).isEqualTo(problem);
    }

    @Test
    void secondDocument_isRefused() {
        assertThat(problems(files.write("two.yaml", "a: 1\n---\nb: 2\n")))
                .containsExactly("2:1 a second document");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: b: c",
                "a: [1",
                "a: {",
                "\ta: 1",
                "a: 'x",
                "a: @x",
                "a: &\n",
                "%YAML 9.9\n---\na: 1"
            })
    void textThatIsNotYaml_isRefusedWithItsPlace(String text) {
        assertThat(problems(files.write("not.yaml", text)))
                .singleElement()
                .asString()
                .contains("text that is not YAML")
                .doesNotContainPattern("\\p{Cntrl}");
    }

    @Test
    void deepNesting_isRefusedBeforeATreeIsBuilt() {
        assertThat(problems(files.write("deep.yaml", "a: " + "[".repeat(500_000))))
                .containsExactly("1:19 blocks nested deeper than 16");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: *hunter2",
                "a: &hunter2 1",
                "a: !hunter2 1",
                "a: \"\\hunter2\"",
                "hunter2: : x",
                "a: @hunter2"
            })
    void messages_neverRepeatTheText(String text) {
        var problems = files.load(files.write("secret.yaml", text));
        assertThat(problems.toString()).contains("Invalid").doesNotContain("unter2");
    }

    @Test
    void duplicateKeys_areEachReported() {
        var yaml =
                ConfigFolder.SMALLEST
                        + "listen: 1\nlisten: 2\nlimits: { body: 1KiB, body: 2KiB }\n";
        assertThat(files.problems(yaml))
                .containsExactly(
                        "portcullis.yaml:11:1: listen: found a second time; first on line 1"
                                + " (expected: each key once)",
                        "portcullis.yaml:12:1: listen: found a second time; first on line 1"
                                + " (expected: each key once)",
                        "portcullis.yaml:13:23: limits.body: found a second time; first on line 13"
                                + " (expected: each key once)");
    }

    @Test
    void keyThatIsABlock_isRefused() {
        assertThat(files.problems(ConfigFolder.SMALLEST + "? [a]\n: b\n"))
                .containsExactly(
                        "portcullis.yaml:11:3: found a key that is a list (expected: a name)");
    }

    private List<String> problems(Path file) {
        return switch (files.load(file)) {
            case ConfigFile.Loaded _ -> List.of();
            case ConfigFile.Invalid(var problems) ->
                    problems.stream()
                            .map(p -> p.line() + ":" + p.column() + " " + p.found())
                            .toList();
        };
    }
}
