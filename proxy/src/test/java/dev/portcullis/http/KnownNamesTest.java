package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownNamesTest {
    private static String find(String name) {
        var bytes = ("??" + name + "!").getBytes(StandardCharsets.ISO_8859_1);
        return KnownNames.find(bytes, 2, 2 + name.length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "cookie", "te", "x-openclaw-requester-session-key", "via"})
    void find_givesTheSameStringEachTime(String name) {
        assertThat(find(name)).isEqualTo(name).isSameAs(find(name));
    }

    /** One letter changed, in turn: near names share slots and must not be taken for each other. */
    @ParameterizedTest
    @ValueSource(strings = {"host", "cookie", "content-length", "transfer-encoding", "origin"})
    void find_takesNoOtherNameForIt(String name) {
        for (int i = 0; i < name.length(); i++) {
            for (char c = 'a'; c <= 'z'; c++) {
                var other = name.substring(0, i) + c + name.substring(i + 1);
                assertThat(find(other)).isIn(null, other);
            }
        }
    }

    @Test
    void find_ofNothingOrStrange_isNull() {
        assertThat(find("")).isNull();
        assertThat(find("x-sidecar-user")).isNull();
        assertThat(find("\u00FFost")).isNull();
    }
}
