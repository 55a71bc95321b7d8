package dev.portcullis.bench.cost;

import dev.portcullis.bench.rig.Wire;
import io.netty.buffer.ByteBuf;

/**
 * One attack: what each of its connections sends.
 *
 * @param name for the table
 * @param layer how far the connection goes before
 * @param opening bytes sent once
 * @param repeated bytes sent again and again, as fast as they are taken; empty for none
 * @param times how often
 * @param ending what the client does once all that is out
 */
record Attack(
        String name, Layer layer, ByteBuf opening, ByteBuf repeated, int times, Ending ending) {
    /** What stands before the bytes. */
    enum Layer {
        /** The bytes themselves come where a ClientHello is due. */
        TCP,
        /** The bytes themselves come where a balancer's header is due. */
        BALANCER,
        /** A handshake, and HTTP/1.1. */
        TLS,
        /** The same, with new keys after each record, and a demand for new ones of ours. */
        KEY_UPDATES,
        /** A handshake that agrees on HTTP/2. */
        HTTP2,
        /** A handshake and an upgrade by a person who is signed in. */
        SOCKET;

        /** Whether a handshake stands before them. */
        boolean isEncrypted() {
            return this != TCP && this != BALANCER;
        }
    }

    /** How it ends. */
    enum Ending {
        /** The server's to say. */
        STAYS,
        /** At once, orderly. */
        CLOSES,
        /** At once, with a reset. */
        RESETS,
        /** It stays and reads nothing. */
        NEVER_READS
    }

    static final ByteBuf NOTHING = Wire.text("");

    static Attack tcp(String name, ByteBuf bytes) {
        return new Attack(name, Layer.TCP, bytes, NOTHING, 0, Ending.STAYS);
    }

    static Attack balancer(String name, ByteBuf bytes) {
        return new Attack(name, Layer.BALANCER, bytes, NOTHING, 0, Ending.STAYS);
    }

    static Attack keyUpdates(String name, String bytes) {
        return new Attack(name, Layer.KEY_UPDATES, Wire.text(bytes), NOTHING, 0, Ending.STAYS);
    }

    static Attack tls(String name, String bytes) {
        return new Attack(name, Layer.TLS, Wire.text(bytes), NOTHING, 0, Ending.STAYS);
    }

    static Attack http2(String name, Http2Bytes bytes) {
        return new Attack(name, Layer.HTTP2, Wire.bytes(bytes.bytes()), NOTHING, 0, Ending.STAYS);
    }

    static Attack socket(String name, byte... frames) {
        return new Attack(name, Layer.SOCKET, Wire.bytes(frames), NOTHING, 0, Ending.STAYS);
    }

    Attack then(int count, ByteBuf bytes) {
        return new Attack(name, layer, opening, bytes, count, ending);
    }

    Attack ends(Ending how) {
        return new Attack(name, layer, opening, repeated, times, how);
    }
}
