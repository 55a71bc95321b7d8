package dev.portcullis.bench.hostile;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** What a crowd says, made once for all of it. */
final class Words {
    /** Asked by one connection of a flood. */
    static final int REQUESTS_OF_A_FLOOD = 50;

    private final ByteBuf hello;
    private final ByteBuf good;
    private final ByteBuf flood;
    private final ByteBuf guess;

    /**
     * @param credentials of the harmless
     */
    Words(ClientTls tls, String credentials) {
        this.hello = tls.hello();
        this.good = Wire.get(Wire.SMALL, credentials);
        this.guess = Wire.get(Wire.SMALL, "Authorization: Bearer no\r\n");
        var refused = Wire.get(Wire.SMALL, "");
        var all = Unpooled.directBuffer(REQUESTS_OF_A_FLOOD * refused.readableBytes());
        for (int i = 0; i < REQUESTS_OF_A_FLOOD; i++) {
            all.writeBytes(refused.duplicate());
        }
        this.flood = Unpooled.unreleasableBuffer(all.asReadOnly());
    }

    /**
     * A ClientHello.
     *
     * @param whole or the half of it
     */
    ByteBuf hello(boolean whole) {
        return whole ? hello.duplicate() : hello.slice(0, hello.readableBytes() / 2);
    }

    /** One request that is allowed. */
    ByteBuf good() {
        return good.duplicate();
    }

    /** One request with a made-up token: after ten of them each costs a connection. */
    ByteBuf guess() {
        return guess.duplicate();
    }

    /** All of the requests of a flood, without credentials. */
    ByteBuf flood() {
        return flood.duplicate();
    }
}
