package dev.portcullis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A connection that sends its ClientHello, and keeps all that follows until it is told to go. */
final class HeldSocket extends Socket {
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean helloSent;
    private boolean released;

    HeldSocket(InetSocketAddress door) throws IOException {
        super(door.getAddress(), door.getPort());
    }

    /** Sends what is held, at once. */
    void release() throws IOException {
        released = true;
        super.getOutputStream().write(held.toByteArray());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        var out = super.getOutputStream();
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (helloSent && !released) {
                    held.write(bytes, offset, length);
                } else {
                    out.write(bytes, offset, length);
                    helloSent = true;
                }
            }
        };
    }
}
