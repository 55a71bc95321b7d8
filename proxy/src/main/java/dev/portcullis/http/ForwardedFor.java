package dev.portcullis.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;

/**
 * The one address that goes into {@code X-Forwarded-For}. The Gateway refuses a user without a
 * non-loopback client address, and takes a request that looks local for a local one; so a client
 * that really is on loopback gets a documented stand-in of TEST-NET-1 (RFC 5737 §3): {@code
 * 127.a.b.c} becomes {@code 192.0.2.c}, and {@code ::1} becomes {@code 192.0.2.1}.
 */
public final class ForwardedFor {
    private ForwardedFor() {}

    /** The header's value: an address without port, brackets or zone (RFC 5952). */
    public static String value(InetAddress client) {
        var address = unmapped(client.getAddress());
        if (address.length == 4) {
            return (address[0] & 0xFF) == 127 ? "192.0.2." + (address[3] & 0xFF) : text(address);
        }
        return client.isLoopbackAddress() ? "192.0.2.1" : text(address);
    }

    /** Whether the client is on loopback, and so goes by a stand-in. */
    public static boolean isStandIn(InetAddress client) {
        var address = unmapped(client.getAddress());
        return address.length == 4 ? (address[0] & 0xFF) == 127 : client.isLoopbackAddress();
    }

    /** IPv4 in IPv6 (RFC 4291 §2.5.5.2) as the four bytes it is. */
    private static byte[] unmapped(byte[] address) {
        if (address.length == 16 && address[10] == -1 && address[11] == -1) {
            for (int i = 0; i < 10; i++) {
                if (address[i] != 0) {
                    return address;
                }
            }
            return java.util.Arrays.copyOfRange(address, 12, 16);
        }
        return address;
    }

    private static String text(byte[] address) {
        try {
            // From bytes alone, so that no zone (fe80::1%eth0) or name can stand in it.
            return NetUtil.toAddressString(InetAddress.getByAddress(address));
        } catch (java.net.UnknownHostException impossible) {
            throw new AssertionError("4 or 16 bytes are an address", impossible);
        }
    }
}
