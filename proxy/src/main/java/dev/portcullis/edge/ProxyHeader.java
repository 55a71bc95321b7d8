package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * What the header of PROXY protocol says, version 1 or 2 (haproxy.org/download/3.2/doc/
 * proxy-protocol.txt). Read to the letter and pure: what is not exactly one header is malformed, as
 * soon as a byte says so. Netty's decoder is not used because it takes numbers with signs and
 * leading zeros, headers of 64 KiB, and datagrams.
 */
sealed interface ProxyHeader {
    /** Most bytes of a header: addresses, and what a balancer may add about TLS. */
    int BYTES_MAX = 4096;

    /** It may become one; more bytes must come. */
    record Incomplete() implements ProxyHeader {}

    /** It is none. */
    record Malformed() implements ProxyHeader {}

    /**
     * A client's connection.
     *
     * @param client who connected to the balancer
     * @param length of the header
     */
    record Client(InetSocketAddress client, int length) implements ProxyHeader {}

    /**
     * The balancer's own connection, such as a health check: {@code LOCAL}, or {@code UNKNOWN}.
     *
     * @param length of the header
     */
    record Balancer(int length) implements ProxyHeader {}

    /** Reads the readable bytes from their beginning; moves no index. */
    static ProxyHeader read(ByteBuf bytes) {
        if (!bytes.isReadable()) {
            return new Incomplete();
        }
        return bytes.getByte(bytes.readerIndex()) == 'P' ? Text.read(bytes) : Binary.read(bytes);
    }

    /** Version 1, §2.1: one line of at most 107 bytes. */
    final class Text {
        private static final int LINE_MAX = 107;
        private static final byte[] START = "PROXY ".getBytes(StandardCharsets.US_ASCII);
        private static final String PORT = "(0|[1-9][0-9]{0,4})";
        private static final Pattern TCP =
                Pattern.compile("TCP([46]) ([^ ]{2,39}) ([^ ]{2,39}) " + PORT + " " + PORT);
        private static final Pattern OCTETS =
                Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
        private static final Pattern GROUPS = Pattern.compile("(?=.*:.*:)[0-9A-Fa-f:]+(:[0-9.]+)?");
        private static final int PORT_MAX = 65_535;

        private Text() {}

        private static ProxyHeader read(ByteBuf bytes) {
            int from = bytes.readerIndex();
            int there = Math.min(bytes.readableBytes(), LINE_MAX);
            for (int i = 0; i < Math.min(there, START.length); i++) {
                if (bytes.getByte(from + i) != START[i]) {
                    return new Malformed();
                }
            }
            int lineFeed = bytes.indexOf(from, from + there, (byte) '\n');
            if (lineFeed < 0) {
                return there < LINE_MAX ? new Incomplete() : new Malformed();
            }
            int length = lineFeed - from + 1;
            var line = bytes.toString(from, length, StandardCharsets.ISO_8859_1);
            return line.endsWith("\r\n")
                    ? line(line.substring(START.length, length - 2), length)
                    : new Malformed();
        }

        private static ProxyHeader line(String line, int length) {
            if (line.equals("UNKNOWN") || line.startsWith("UNKNOWN ")) {
                return new Balancer(length); // What else it says is for nobody (§2.1).
            }
            var matcher = TCP.matcher(line);
            if (!matcher.matches()) {
                return new Malformed();
            }
            var family = matcher.group(1).equals("4") ? OCTETS : GROUPS;
            int port = Integer.parseInt(matcher.group(4));
            boolean right =
                    family.matcher(matcher.group(2)).matches()
                            && family.matcher(matcher.group(3)).matches()
                            && Math.max(port, Integer.parseInt(matcher.group(5))) <= PORT_MAX;
            return right ? client(matcher.group(2), port, length) : new Malformed();
        }

        private static ProxyHeader client(String literal, int port, int length) {
            try {
                var address = InetAddress.ofLiteral(literal);
                return new Client(new InetSocketAddress(address, port), length);
            } catch (IllegalArgumentException _) {
                return new Malformed();
            }
        }
    }

    /** Version 2, §2.2: a signature, four bytes, addresses and extensions. */
    final class Binary {
        private static final byte[] SIGNATURE = {
            0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
        };
        private static final int FIXED = 16;
        private static final int LOCAL = 0x20;
        private static final int PROXY = 0x21;
        private static final int UNSPECIFIED = 0x00;
        private static final int TCP_OVER_IPV4 = 0x11;
        private static final int TCP_OVER_IPV6 = 0x21;

        private Binary() {}

        private static ProxyHeader read(ByteBuf bytes) {
            int from = bytes.readerIndex();
            int there = bytes.readableBytes();
            for (int i = 0; i < Math.min(there, SIGNATURE.length); i++) {
                if (bytes.getByte(from + i) != SIGNATURE[i]) {
                    return new Malformed();
                }
            }
            if (there < FIXED) {
                return new Incomplete();
            }
            int length = FIXED + bytes.getUnsignedShort(from + 14);
            if (length > BYTES_MAX) {
                return new Malformed();
            }
            return there < length ? new Incomplete() : whole(bytes, from, length);
        }

        private static ProxyHeader whole(ByteBuf bytes, int from, int length) {
            int command = bytes.getUnsignedByte(from + 12);
            int family = bytes.getUnsignedByte(from + 13);
            if (command == LOCAL) {
                return new Balancer(length); // Whatever the family: it is to be ignored (§2.2).
            }
            if (command != PROXY) {
                return new Malformed();
            }
            return switch (family) {
                case UNSPECIFIED -> new Balancer(length);
                case TCP_OVER_IPV4 -> client(bytes, from, length, 4);
                case TCP_OVER_IPV6 -> client(bytes, from, length, 16);
                default -> new Malformed(); // Datagrams and local sockets are no TLS over TCP.
            };
        }

        private static ProxyHeader client(ByteBuf bytes, int from, int length, int addressBytes) {
            int addressesEnd = FIXED + 2 * addressBytes + 2 * Short.BYTES;
            if (length < addressesEnd
                    || !ProxyExtensions.areRight(bytes.slice(from, length), addressesEnd)) {
                return new Malformed();
            }
            var address = new byte[addressBytes];
            bytes.getBytes(from + FIXED, address);
            int port = bytes.getUnsignedShort(from + FIXED + 2 * addressBytes);
            try {
                var client = new InetSocketAddress(InetAddress.getByAddress(address), port);
                return new Client(client, length);
            } catch (UnknownHostException impossible) {
                throw new AssertionError("4 or 16 bytes are an address", impossible);
            }
        }
    }
}
