package dev.portcullis.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path HOME = Path.of("..");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)");

    @Test
    void everyLink_isThere() throws Exception {
        var links =
                LINK.matcher(Files.readString(HOME.resolve("README.md")))
                        .results()
                        .map(match -> match.group(1))
                        .toList();

        assertThat(links)
                .hasSizeGreaterThan(10)
                .allSatisfy(link -> assertThat(HOME.resolve(link)).exists());
    }
}
