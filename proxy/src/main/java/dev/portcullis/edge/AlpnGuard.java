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
 * Whoever is between the two may put records in front of a ClientHello, or into its middle, which
 * TLS would forgive, so the first record is a whole one or the last. Takes whole records. One per
 * connection, gone after the first.
 */
final class AlpnGuard extends ChannelInboundHandlerAdapter {
    private static final List<byte[]> OURS =
            List.of(
                    bytes(ApplicationProtocolNames.HTTP_2),
                    bytes(ApplicationProtocolNames.HTTP_1_1));

    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;

    /** Of a ClientHello (RFC 8446 §4.1.2). */
    private static final int VERSION_AND_RANDOM = 2 + 32;

    /** {@code application_layer_protocol_negotiation} (RFC 7301 §3.1). */
    private static final int ALPN = 16;

    /** Of fatal alerts (RFC 8446 §6.2), in a record of TLS 1.2 as all that are plain. */
    private static final int UNEXPECTED_MESSAGE = 10;

    private static final int DECODE_ERROR = 50;
    private static final int NO_APPLICATION_PROTOCOL = 120;
    private static final byte[] FATAL = {21, 3, 3, 0, 2, 2};

    private static byte[] bytes(String protocol) {
        return protocol.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        int alert = alert(bytes);
        if (alert != 0) {
            bytes.release();
            ctx.writeAndFlush(ctx.alloc().buffer().writeBytes(FATAL).writeByte(alert))
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        ctx.fireChannelRead(bytes);
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    /** What is wrong with the first record, as the number of an alert; 0 if it goes on. */
    static int alert(ByteBuf records) {
        try {
            return alert(new Reader(records));
        } catch (IndexOutOfBoundsException malformed) {
            return DECODE_ERROR;
        }
    }

    private static int alert(Reader reader) {
        int type = reader.number(1);
        if (!RecordGuard.isType(type)) {
            return 0; // No TLS, and nobody who would understand an alert.
        }
        reader.skip(2);
        reader.endAt(reader.number(2));
        if (type != HANDSHAKE || reader.number(1) != CLIENT_HELLO) {
            return UNEXPECTED_MESSAGE;
        }
        reader.endAt(reader.number(3));
        return offersOnlyOthers(reader) ? NO_APPLICATION_PROTOCOL : 0;
    }

    /** Whether that is the ClientHello of a client that speaks no HTTP. */
    private static boolean offersOnlyOthers(Reader reader) {
        reader.skip(VERSION_AND_RANDOM);
        reader.skip(reader.number(1)); // A session's id,
        reader.skip(reader.number(2)); // the cipher suites,
        reader.skip(reader.number(1)); // and ways to compress.
        if (reader.isAtEnd()) {
            return false; // TLS 1.2 can do without extensions.
        }
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
        private int end;

        Reader(ByteBuf bytes) {
            this.bytes = bytes;
            this.at = bytes.readerIndex();
            this.end = bytes.writerIndex();
        }

        /** What is read ends after so many bytes, which have to be there. */
        void endAt(int length) {
            if (length > end - at) {
                throw new IndexOutOfBoundsException(length);
            }
            end = at + length;
        }

        boolean isAtEnd() {
            return at == end;
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
            if (index >= end) {
                throw new IndexOutOfBoundsException(index);
            }
            return bytes.getUnsignedByte(index);
        }
    }
}
