package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolNames;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Ends the handshake of a client that offers protocols and none of ours (RFC 7301 §3.2), which
 * Netty has BoringSSL go on with: what is meant for a mail server, say, must not be taken for HTTP.
 * Takes whole records; what is no ClientHello goes on, for TLS to say so. One per connection, gone
 * after the first record.
 */
final class AlpnGuard extends ChannelInboundHandlerAdapter {
    private static final List<byte[]> OURS =
            List.of(
                    bytes(ApplicationProtocolNames.HTTP_2),
                    bytes(ApplicationProtocolNames.HTTP_1_1));

    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;

    /** Of a record, of a message, and the version and random of a ClientHello (RFC 8446 §4.1.2). */
    private static final int RECORD_HEAD = 5;

    private static final int MESSAGE_HEAD = 4;
    private static final int VERSION_AND_RANDOM = 2 + 32;

    /** {@code application_layer_protocol_negotiation} (RFC 7301 §3.1). */
    private static final int ALPN = 16;

    /** A fatal {@code no_application_protocol}, in a record of TLS 1.2 as all that are plain. */
    private static final byte[] ALERT = {21, 3, 3, 0, 2, 2, 120};

    private static byte[] bytes(String protocol) {
        return protocol.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        if (offersOnlyOthers(bytes)) {
            bytes.release();
            ctx.writeAndFlush(ctx.alloc().buffer(ALERT.length).writeBytes(ALERT))
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        ctx.fireChannelRead(bytes);
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    /** Whether that is a ClientHello, as far as it is looked at, whose client speaks no HTTP. */
    static boolean offersOnlyOthers(ByteBuf records) {
        try {
            return offersOnlyOthers(new Reader(records));
        } catch (IndexOutOfBoundsException malformed) {
            return false; // TLS will not take it.
        }
    }

    private static boolean offersOnlyOthers(Reader reader) {
        if (reader.number(1) != HANDSHAKE) {
            return false;
        }
        reader.skip(RECORD_HEAD - 1);
        if (reader.number(1) != CLIENT_HELLO) {
            return false;
        }
        reader.skip(MESSAGE_HEAD - 1 + VERSION_AND_RANDOM);
        reader.skip(reader.number(1)); // A session's id,
        reader.skip(reader.number(2)); // the cipher suites,
        reader.skip(reader.number(1)); // and ways to compress.
        int end = reader.number(2) + reader.at;
        while (reader.at < end) {
            int type = reader.number(2);
            int length = reader.number(2);
            if (type == ALPN) {
                return length > 2 && !reader.findsOurs(reader.number(2));
            }
            reader.skip(length);
        }
        return false;
    }

    /** Reads on, and never beyond the end. */
    private static final class Reader {
        private final ByteBuf bytes;
        private int at;

        Reader(ByteBuf bytes) {
            this.bytes = bytes;
            this.at = bytes.readerIndex();
        }

        /** A number of so many bytes. */
        int number(int size) {
            int number = 0;
            for (int i = 0; i < size; i++) {
                number = number << 8 | byteAt(at++);
            }
            return number;
        }

        void skip(int length) {
            at += length;
        }

        /** Whether one of ours is in that many bytes of names. */
        boolean findsOurs(int length) {
            int end = at + length;
            while (at < end) {
                int size = number(1);
                for (var ours : OURS) {
                    if (is(ours, size)) {
                        return true;
                    }
                }
                skip(size);
            }
            return false;
        }

        private boolean is(byte[] name, int size) {
            boolean same = name.length == size;
            for (int i = 0; same && i < size; i++) {
                same = byteAt(at + i) == (name[i] & 0xFF);
            }
            return same;
        }

        private int byteAt(int index) {
            if (index >= bytes.writerIndex()) {
                throw new IndexOutOfBoundsException(index);
            }
            return bytes.getUnsignedByte(index);
        }
    }
}
