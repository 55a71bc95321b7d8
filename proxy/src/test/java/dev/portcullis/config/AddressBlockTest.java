package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBlockTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/8, ::ffff:10.1.2.3, true",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.6, false",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.128/25, 192.0.2.128, true",
        "fd00::/8, fdff::1, true",
        "fd00::/8, fe00::1, false",
        "2001:db8::/127, 2001:db8::1, true",
        "2001:db8::/127, 2001:db8::2, false",
        "::1, 127.0.0.1, false",
        "::1, ::1, true"
    })
    void block_containsWhatSharesItsPrefix(String block, String address, boolean inside) {
        var read = AddressBlock.syntax().read(block).orElseThrow();
        assertThat(read.contains(InetAddress.ofLiteral(address))).isEqualTo(inside);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0/0",
                "::/0",
                "10.0.0.1/8",
                "10.0.0.0/33",
                "10.0.0.0/08",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10.0.0/24",
                "010.0.0.0/8",
                "fd00::1/64",
                "fd00::/129",
                "::ffff:10.0.0.0/104",
                "fe80::1%eth0",
                "[fd00::]/8",
                "lb.example.com",
                ""
            })
    void anythingElse_isRefused(String text) {
        assertThat(AddressBlock.syntax().read(text)).isEmpty();
    }
}
