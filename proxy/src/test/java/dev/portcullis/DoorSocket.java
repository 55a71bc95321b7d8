package dev.portcullis;

import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.net.Socket;

/** A WebSocket through a {@link TestDoor}, open when it is made; the stand-in answers pings. */
final class DoorSocket implements AutoCloseable {
    private final RawClient client;

    private DoorSocket(RawClient client) {
        this.client = client;
    }

    /**
     * Opens one, and tells the stand-in to be a WebSocket server.
     *
     * @param credentials a whole field, such as {@code Cookie: …}
     */
    static DoorSocket open(TestDoor door, String credentials) {
        return open(door, door.connect(), credentials);
    }

    /** Opens one on a connection of that client. */
    static DoorSocket open(TestDoor door, RawClient connected, String credentials) {
        door.gateway().answers(DoorSocket::serve);
        var client =
                connected.send(
                        """
                        GET / HTTP/1.1\r
                        Host: claw.test\r
                        Upgrade: websocket\r
                        Connection: Upgrade\r
                        Sec-WebSocket-Version: 13\r
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                        Origin: https://claw.test\r
                        %s\r
                        \r
                        """
                                .formatted(credentials));
        var head = client.readHead();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new AssertionError(head);
        }
        var socket = new DoorSocket(client);
        socket.ping(); // From here on it is open on every side.
        return socket;
    }

    /** Fails unless the other end answers. */
    void ping() {
        client.send(new byte[] {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0});
        if (client.readByte() != 0x8A || client.readByte() != 0) {
            throw new AssertionError("no pong");
        }
    }

    /** Waits for a close frame, answers it; its code. */
    int closeCode() {
        if (client.readByte() != 0x88) {
            throw new AssertionError("no close frame");
        }
        var payload = client.read(client.readByte());
        client.send(new byte[] {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0});
        return payload.charAt(0) << 8 | payload.charAt(1);
    }

    @Override
    public void close() {
        client.close();
    }

    private static boolean serve(String head, Socket gateway) throws IOException {
        if (!head.contains("sec-websocket-key: ")) { // An ordinary request beside the sockets.
            return RecordedGateway.OK.answer(head, gateway);
        }
        RecordedGateway.openSocket(head, gateway);
        var in = gateway.getInputStream();
        while (true) {
            int first = in.read();
            if (first < 0) {
                return false;
            }
            int length = in.read() & 0x7F;
            in.skipNBytes(4 + length);
            if (first == 0x89) {
                gateway.getOutputStream().write(new byte[] {(byte) 0x8A, 0});
            }
        }
    }
}
