package dev.portcullis.policy;

import java.net.InetAddress;

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 address, since a single host
 * may use all of its /64 (RFC 6177 §2). An IPv4-mapped address (RFC 4291 §2.5.5.2) is its IPv4
 * address, however the operating system reports it.
 *
 * @param ipv6 whether {@code bits} are an IPv6 prefix
 * @param bits the four bytes, or the first eight
 */
public record AddressKey(boolean ipv6, long bits) {
    private static final int IPV4_BYTES = 4;
    private static final int PREFIX_BYTES = 8;
    private static final int MAPPED_IPV4_AT = 12;

    /** Of a client by its address. */
    public static AddressKey of(InetAddress address) {
        return of(address.getAddress());
    }

    /** Of the four or sixteen bytes of an address. */
    public static AddressKey of(byte[] bytes) {
        if (bytes.length == IPV4_BYTES) {
            return new AddressKey(false, number(bytes, 0, IPV4_BYTES));
        }
        return isMapped(bytes)
                ? new AddressKey(false, number(bytes, MAPPED_IPV4_AT, IPV4_BYTES))
                : new AddressKey(true, number(bytes, 0, PREFIX_BYTES));
    }

    /** As one word, the same in every process. */
    public String word() {
        return (ipv6 ? "6:" : "4:") + Long.toHexString(bits);
    }

    private static boolean isMapped(byte[] bytes) {
        return number(bytes, 0, PREFIX_BYTES) == 0
                && number(bytes, PREFIX_BYTES, IPV4_BYTES) == 0xFFFFL;
    }

    private static long number(byte[] bytes, int from, int count) {
        long number = 0;
        for (int i = from; i < from + count; i++) {
            number = (number << Byte.SIZE) | (bytes[i] & 0xFF);
        }
        return number;
    }
}
