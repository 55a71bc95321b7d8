package dev.portcullis.bench.cost;

import static dev.portcullis.bench.cost.Attack.balancer;

import dev.portcullis.bench.rig.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * Attacks from an address that is trusted as a balancer's: where a PROXY protocol header is due
 * (haproxy.org/download/3.2/doc/proxy-protocol.txt).
 */
final class BalancerAttacks {
    private static final byte[] SIGNATURE = {
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
    };
    private static final String LINE = "PROXY TCP4 192.0.2.1 192.0.2.2 1024 443\r\n";

    private BalancerAttacks() {}

    /**
     * @param hello a whole ClientHello
     */
    static void add(List<Attack> all, ByteBuf hello) {
        all.add(balancer("PROXY: silence", Attack.NOTHING));
        all.add(balancer("PROXY 1: half a line", Wire.text(LINE.substring(0, 20))));
        all.add(
                balancer("PROXY 1: a byte at a time", Attack.NOTHING)
                        .then(LINE.length() - 2, Wire.text("P")));
        all.add(balancer("PROXY 1: a line without end", Wire.text("PROXY " + "a".repeat(20_000))));
        all.add(balancer("PROXY 1: garbage", Wire.text("PROXY TCP4 a b c d\r\n")));
        all.add(balancer("PROXY 2: half a head", Wire.bytes(SIGNATURE)));
        all.add(balancer("PROXY 2: 4,000 bytes of 4,080", second(4_080, 4_000)));
        all.add(balancer("PROXY 2: 64 KiB of extensions", second(65_535, 65_535)));
        all.add(balancer("PROXY: none but a ClientHello", hello));
        all.add(
                balancer(
                        "PROXY 1, ClientHello, then silence",
                        Unpooled.unreleasableBuffer(
                                Unpooled.copiedBuffer(Wire.text(LINE), hello.duplicate()))));
    }

    /**
     * @param announced bytes behind the fixed part
     * @param there of them that come
     */
    private static ByteBuf second(int announced, int there) {
        var bytes = Unpooled.buffer(SIGNATURE.length + 4 + there);
        bytes.writeBytes(SIGNATURE).writeByte(0x21).writeByte(0x11).writeShort(announced);
        return Wire.bytes(bytes.writeZero(there).array());
    }
}
