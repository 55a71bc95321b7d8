package dev.portcullis.config;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses as literals, so that no name service has a say in where we listen or connect. */
final class Address {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]+]");
    private static final Pattern PORT_OR_NAME = Pattern.compile("(localhost|\\*)?:?([0-9]{1,5})");
    private static final int PORT_MAX = 65_535;

    private Address() {}

    /** Where to listen; port 0 lets the system choose. */
    static Syntax<InetSocketAddress> listener() {
        return Syntax.of(
                        "an address literal and a port from 0 to 65535, such as 0.0.0.0:8443 or"
                                + " [::]:8443",
                        (String text) -> parse(text, 0))
                .hinting(text -> likely(text, "0.0.0.0"));
    }

    /** Where to listen on loopback; port 0 lets the system choose. */
    static Syntax<InetSocketAddress> loopbackListener() {
        return loopback(0, "0");
    }

    /** Where to connect on loopback. */
    static Syntax<InetSocketAddress> loopbackPeer() {
        return loopback(1, "1");
    }

    private static Syntax<InetSocketAddress> loopback(int portLeast, String portWritten) {
        return Syntax.of(
                        "a loopback literal (127.0.0.0/8 or [::1]) and a port from "
                                + portWritten
                                + " to 65535, such as 127.0.0.1:18789",
                        (String text) ->
                                parse(text, portLeast)
                                        .filter(at -> at.getAddress().isLoopbackAddress()))
                .hinting(text -> likely(text, "127.0.0.1"));
    }

    /** A port alone, or one with a name that means an address. */
    private static @Nullable String likely(String text, String unnamed) {
        var matcher = PORT_OR_NAME.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        boolean loopback = "localhost".equals(matcher.group(1));
        return (loopback ? "127.0.0.1" : unnamed) + ":" + matcher.group(2);
    }

    /** A literal IPv4 address, or an IPv6 one in brackets; no zone, no mapped IPv4. */
    static Optional<InetAddress> literal(String host) {
        if (IPV4.matcher(host).matches()) {
            return Optional.of(Inet4Address.ofLiteral(host));
        }
        if (!IPV6.matcher(host).matches()) {
            return Optional.empty();
        }
        try {
            var address = Inet6Address.ofLiteral(host.substring(1, host.length() - 1));
            return Optional.of(address).filter(Inet6Address.class::isInstance);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Optional<InetSocketAddress> parse(String text, int portLeast) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        var port = Quantity.whole(text.substring(colon + 1), portLeast, PORT_MAX);
        return literal(text.substring(0, colon))
                .flatMap(host -> port.map(at -> new InetSocketAddress(named(host), at.intValue())));
    }

    /** Its own text is its name, so that nobody makes one for each connection to it. */
    private static InetAddress named(InetAddress literal) {
        try {
            return InetAddress.getByAddress(literal.getHostAddress(), literal.getAddress());
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 or 16 bytes are an address", impossible);
        }
    }
}
