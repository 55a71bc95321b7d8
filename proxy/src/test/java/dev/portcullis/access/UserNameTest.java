package dev.portcullis.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserNameTest {
    @ParameterizedTest
    @CsvSource({
        "alice@example.com, alice@example.com",
        "Alice@EXAMPLE.com, alice@example.com",
        "'  alice@example.com ', alice@example.com",
        "Alice, Alice",
        "a, a",
        "spiffe://example.com/ns/x, spiffe://example.com/ns/x"
    })
    void nameWithACanonicalForm_getsIt(String found, String canonical) {
        assertThat(UserName.canonical(found)).contains(new UserName(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "@",
                "@example.com",
                "alice@",
                "alice@evil@example.com",
                "alice @example.com",
                "alice,bob",
                "alice\"",
                "alice\\",
                "alice@example.com\n",
                "\talice",
                "alice\u0000",
                "alice\u007F",
                "alice\u00A0",
                "alice\u2003",
                "\u0430lice@example.com",
                "\u212Aen@example.com",
                "\u0130an@example.com",
                "alice@ex\u00E4mple.com"
            })
    void anythingElse_isRefusedAndNotRepaired(String found) {
        assertThat(UserName.canonical(found)).isEmpty();
    }

    @Test
    void longestName_is254Characters() {
        assertThat(UserName.canonical("a".repeat(254))).isPresent();
        assertThat(UserName.canonical("a".repeat(255))).isEmpty();
    }

    @Test
    void nameThatIsNotCanonical_cannotBeMade() {
        assertThatThrownBy(() -> new UserName("Alice@example.com"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
