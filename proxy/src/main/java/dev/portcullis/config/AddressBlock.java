package dev.portcullis.config;

import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A range of addresses, as {@code 10.0.0.0/8} or one literal (RFC 4632 §3.1, RFC 4291 §2.3).
 *
 * @param network its first address
 * @param prefix bits that all of it share; 1 to 32, or to 128
 */
public record AddressBlock(InetAddress network, int prefix) {

    /** A block that is exactly one: no bits set behind the prefix. */
    static Syntax<AddressBlock> syntax() {
        return Syntax.<AddressBlock>of(
                        "an address literal, or a block such as 10.0.0.0/8 or fd00::/8 with no bits"
                                + " behind its prefix and not of everybody",
                        text -> parse(text).filter(AddressBlock::isExact))
                .hinting(AddressBlock::likely);
    }

    /** Whether the address is one of it. An IPv4 address in IPv6 is the IPv4 address. */
    public boolean contains(InetAddress address) {
        var bytes = plain(address).getAddress();
        var own = network.getAddress();
        return bytes.length == own.length && leading(bytes).equals(leading(own));
    }

    private BigInteger leading(byte[] bytes) {
        return new BigInteger(1, bytes).shiftRight(bytes.length * Byte.SIZE - prefix);
    }

    private boolean isExact() {
        return new AddressBlock(network, prefix).first().equals(network);
    }

    private InetAddress first() {
        var bytes = network.getAddress();
        for (int bit = prefix; bit < bytes.length * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] &= (byte) ~(0x80 >>> bit % Byte.SIZE);
        }
        return plain(bytes);
    }

    private static Optional<AddressBlock> parse(String text) {
        int slash = text.indexOf('/');
        var host = slash < 0 ? text : text.substring(0, slash);
        return Address.literal(host.indexOf(':') < 0 ? host : "[" + host + "]")
                .flatMap(address -> block(address, slash < 0 ? null : text.substring(slash + 1)));
    }

    private static Optional<AddressBlock> block(InetAddress address, @Nullable String prefix) {
        int bits = address instanceof Inet6Address ? 128 : 32;
        return prefix == null
                ? Optional.of(new AddressBlock(address, bits))
                : Quantity.whole(prefix, 1, bits)
                        .map(length -> new AddressBlock(address, length.intValue()));
    }

    private static @Nullable String likely(String text) {
        return parse(text)
                .map(block -> NetUtil.toAddressString(block.first()) + "/" + block.prefix())
                .orElse(null);
    }

    private static InetAddress plain(InetAddress address) {
        return plain(address.getAddress());
    }

    private static InetAddress plain(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes); // Makes IPv4 of IPv4 in IPv6.
        } catch (java.net.UnknownHostException impossible) {
            throw new AssertionError("4 or 16 bytes are an address", impossible);
        }
    }

    @Override
    public String toString() {
        return NetUtil.toAddressString(network) + "/" + prefix;
    }
}
