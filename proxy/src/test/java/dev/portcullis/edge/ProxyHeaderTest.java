package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The header of PROXY protocol, to the letter. */
class ProxyHeaderTest {
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

    /** CRC32C of the header in {@link #checksum_passesIfItIsRightOnly}. */
    private static final String CHECKSUM = "\3\0\4>\u008c\u0083\u0091";

    private static final String OVER_IPV4 = "\u00c0\0\2\1\u00cb\0\161\1\u00d9\3\1\u00bb";

    @ParameterizedTest
    @CsvSource({
        "TCP4 192.0.2.1 203.0.113.1 55555 443, 192.0.2.1, 55555",
        "TCP4 0.0.0.0 255.255.255.255 0 65535, 0.0.0.0, 0",
        "TCP6 2001:db8::1 ::1 1 443, 2001:db8::1, 1",
        "TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535"
                + " 65535, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 65535",
        "TCP6 ::ffff:192.0.2.1 ::1 1 443, 192.0.2.1, 1"
    })
    void textOfAClient_namesIt(String line, String address, int port) {
        var header = "PROXY " + line + "\r\n";
        assertThat(read(header + "\u0016\u0003"))
                .isEqualTo(
                        new ProxyHeader.Client(
                                new InetSocketAddress(InetAddress.ofLiteral(address), port),
                                header.length()));
        for (int cut = 0; cut < header.length(); cut++) {
            assertThat(read(header.substring(0, cut))).isEqualTo(new ProxyHeader.Incomplete());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UNKNOWN", "UNKNOWN ffff::1 ffff::2 1 2"})
    void textOfNobody_isTheBalancerItself(String line) {
        var header = "PROXY " + line + "\r\n";
        assertThat(read(header)).isEqualTo(new ProxyHeader.Balancer(header.length()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "P\r\n",
                "PROXX",
                "PROXY\r\n",
                "PROXY \r\n",
                "PROXY  TCP4 192.0.2.1 203.0.113.1 1 443\r\n",
                "PROXY TCP4  192.0.2.1 203.0.113.1 1 443\r\n",
                "PROXY TCP4 192.0.2.1 203.0.113.1 1 443 \r\n",
                "PROXY TCP4 192.0.2.1 203.0.113.1 1 443 9\r\n",
                "PROXY TCP4 192.0.2.1 203.0.113.1 1\r\n",
                "PROXY TCP4 192.0.2.1 203.0.113.1 1 443\n",
                "PROXY TCP4 192.0.2.1 203.0.113.1 1 443\r\r\n",
                "PROXY TCP4\t192.0.2.1 203.0.113.1 1 443\r\n",
                "PROXY TCP4 192.0.2.1 203.0.113.1 +1 443\r\n",
                "PROXY TCP4 192.0.2.1 203.0.113.1 01 443\r\n",
                "PROXY TCP4 192.0.2.1 203.0.113.1 65536 443\r\n",
                "PROXY TCP4 192.0.2.1 203.0.113.1 1 65536\r\n",
                "PROXY TCP4 192.0.2.01 203.0.113.1 1 443\r\n",
                "PROXY TCP4 192.0.2 203.0.113.1 1 443\r\n",
                "PROXY TCP4 192.0.2.256 203.0.113.1 1 443\r\n",
                "PROXY TCP4 192.0.2.1. 203.0.113.1 1 443\r\n",
                "PROXY TCP4 2001:db8::1 ::1 1 443\r\n",
                "PROXY TCP6 192.0.2.1 203.0.113.1 1 443\r\n",
                "PROXY TCP6 2001:db8:::1 ::1 1 443\r\n",
                "PROXY TCP6 1234 ::1 1 443\r\n",
                "PROXY TCP6 ::1 1234 1 443\r\n",
                "PROXY TCP6 fe80::1%1 ::1 1 443\r\n",
                "PROXY UDP4 192.0.2.1 203.0.113.1 1 443\r\n",
                "PROXY tcp4 192.0.2.1 203.0.113.1 1 443\r\n",
                "PROXY unknown\r\n",
                "proxy TCP4 192.0.2.1 203.0.113.1 1 443\r\n",
                "\u0016\u0003\u0001",
                "\r\n\r\n\0\r\nQUIT\r"
            })
    void anythingElse_isMalformed(String bytes) {
        assertThat(read(bytes)).isEqualTo(new ProxyHeader.Malformed());
    }

    @ParameterizedTest
    @ValueSource(ints = {107, 108, 5000})
    void lineWithoutEnd_isMalformedAtItsLimit(int length) {
        assertThat(read("PROXY UNKNOWN " + "x".repeat(length - 14)))
                .isEqualTo(new ProxyHeader.Malformed());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\4\0\0", // PP2_TYPE_NOOP
                "\4\0\2ab\u00ee\0\0",
                "\2\0\11claw.test\40\0\5\7\0\0\0\0" // the name asked for, and TLS
            })
    void binaryOfAClient_namesItWhateverItsExtensionsSay(String extensions) {
        var header = binary(0x21, 0x11, OVER_IPV4 + extensions);
        assertThat(read(header + "\u0016"))
                .isEqualTo(
                        new ProxyHeader.Client(
                                new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 55555),
                                header.length()));
        for (int cut = 0; cut < header.length(); cut++) {
            assertThat(read(header.substring(0, cut))).isEqualTo(new ProxyHeader.Incomplete());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\4", // no length
                "\4\0",
                "\4\0\1", // one byte too long
                "\4\0\0\4\0\3ab",
                "\4\u00ff\u00ffab",
                "\3\0\3abc", // a checksum has four bytes
                "\3\0\5abcde",
                "\3\0\4\0\0\0\0" // and these are wrong
            })
    void extensionsThatAreNone_areMalformed(String extensions) {
        for (int command : new int[] {0x21, 0x20}) {
            var header = binary(command, 0x11, OVER_IPV4 + extensions);
            for (int cut = 0; cut < header.length(); cut++) {
                assertThat(read(header.substring(0, cut))).isEqualTo(new ProxyHeader.Incomplete());
            }
            assertThat(read(header + "\u0016"))
                    .isEqualTo(
                            command == 0x21
                                    ? new ProxyHeader.Malformed()
                                    : new ProxyHeader.Balancer(header.length())); // §2.2: ignored
        }
    }

    @Test
    void checksum_passesIfItIsRightOnly() {
        var header = binary(0x21, 0x11, OVER_IPV4 + "\4\0\1x" + CHECKSUM + "\4\0\1y");
        assertThat(read(header)).isInstanceOf(ProxyHeader.Client.class);
        for (int at = 16; at < header.length(); at++) {
            if (at < 28 || header.charAt(at) > '\4') { // The address, or not what frames it.
                var changed = new StringBuilder(header);
                changed.setCharAt(at, (char) (header.charAt(at) ^ 1));
                assertThat(read(changed.toString()))
                        .as("byte %d", at)
                        .isEqualTo(new ProxyHeader.Malformed());
            }
        }
        var two = binary(0x21, 0x11, OVER_IPV4 + CHECKSUM + CHECKSUM);
        assertThat(read(two)).isEqualTo(new ProxyHeader.Malformed());
    }

    @ParameterizedTest
    @CsvSource({"0x20, 0x00", "0x20, 0x11", "0x20, 0xff", "0x21, 0x00"})
    void binaryOfNobody_isTheBalancerItself(String command, String family) {
        var header = binary(Integer.decode(command), Integer.decode(family), OVER_IPV4);
        assertThat(read(header)).isEqualTo(new ProxyHeader.Balancer(header.length()));
    }

    @ParameterizedTest
    @CsvSource({
        "0x22, 0x11",
        "0x11, 0x11",
        "0x31, 0x11",
        "0x21, 0x12",
        "0x21, 0x22",
        "0x21, 0x31",
        "0x21, 0x10",
        "0x21, 0x41",
        "0x21, 0x21"
    })
    void otherVersionsCommandsAndFamilies_areMalformed(String command, String family) {
        assertThat(read(binary(Integer.decode(command), Integer.decode(family), OVER_IPV4)))
                .isEqualTo(new ProxyHeader.Malformed());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 11})
    void binaryWithoutRoomForItsAddresses_isMalformed(int length) {
        assertThat(read(binary(0x21, 0x11, OVER_IPV4.substring(0, length))))
                .isEqualTo(new ProxyHeader.Malformed());
    }

    @ParameterizedTest
    @ValueSource(ints = {4081, 65535})
    void binaryThatAnnouncesTooMuch_isMalformedBeforeItComes(int length) {
        var announced = binary(0x21, 0x11, "x".repeat(length)).substring(0, 16);
        assertThat(read(announced)).isEqualTo(new ProxyHeader.Malformed());
    }

    @Test
    void longestHeader_byteByByte_isRead() {
        var header = binary(0x21, 0x11, OVER_IPV4 + "\4\17\u00e1" + "x".repeat(4065));
        var admitted = new ArrayList<InetSocketAddress>();
        var channel =
                new EmbeddedChannel() {
                    @Override
                    protected SocketAddress remoteAddress0() {
                        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
                    }
                };
        var goOn = new ArrayList<Runnable>();
        channel.pipeline()
                .addLast(
                        new ProxyProtocolHandler(
                                Duration.ofSeconds(5),
                                (client, next) -> {
                                    admitted.add(client);
                                    goOn.add(next);
                                }));
        for (byte b : (header + "!").getBytes(StandardCharsets.ISO_8859_1)) {
            channel.writeInbound(channel.alloc().buffer(1).writeByte(b));
        }
        assertThat(admitted).hasSize(1);
        assertThat(channel.inboundMessages()).as("nobody is there for it").isEmpty();
        goOn.getFirst().run();
        ByteBuf rest = channel.readInbound();
        assertThat(rest.toString(StandardCharsets.ISO_8859_1)).isEqualTo("!");
        rest.release();
        channel.finishAndReleaseAll();
    }

    private static String binary(int command, int family, String rest) {
        return SIGNATURE
                + (char) command
                + (char) family
                + (char) (rest.length() >> 8)
                + (char) (rest.length() & 0xFF)
                + rest;
    }

    private static ProxyHeader read(String bytes) {
        return ProxyHeader.read(
                Unpooled.wrappedBuffer(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
