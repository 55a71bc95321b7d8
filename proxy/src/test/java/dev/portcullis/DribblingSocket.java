package dev.portcullis;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A connection whose first TLS records, the ClientHello with them, leave as many records of a few
 * bytes, each byte in a segment of its own.
 */
final class DribblingSocket extends Socket {
    private static final int RECORD_HEAD = 5;
    private static final int HANDSHAKE = 22;
    private static final int PIECE = 16;

    DribblingSocket(InetSocketAddress door) throws IOException {
        super(door.getAddress(), door.getPort());
        setTcpNoDelay(true);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        var out = super.getOutputStream();
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                out.write(b);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (bytes[offset] == HANDSHAKE) {
                    inPieces(bytes, offset, length);
                } else {
                    out.write(bytes, offset, length);
                }
            }

            private void inPieces(byte[] bytes, int offset, int length) throws IOException {
                for (int at = RECORD_HEAD; at < length; at += PIECE) {
                    int size = Math.min(PIECE, length - at);
                    for (int i = 0; i < RECORD_HEAD - 2; i++) {
                        write(bytes[offset + i]);
                    }
                    write(0);
                    write(size);
                    for (int i = 0; i < size; i++) {
                        write(bytes[offset + at + i]);
                    }
                }
            }
        };
    }
}
