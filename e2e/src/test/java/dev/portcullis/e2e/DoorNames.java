package dev.portcullis.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Stands in for the name service towards Keycloak, whose calls to the door's public name go through
 * this proxy (HTTP CONNECT) to wherever the door of the moment listens.
 */
final class DoorNames implements AutoCloseable {
    private static final byte[] ESTABLISHED =
            "HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket listener;
    private volatile int doorPort;

    private DoorNames(ServerSocket listener) {
        this.listener = listener;
    }

    static DoorNames start() throws IOException {
        var names =
                new DoorNames(
                        new ServerSocket(
                                Project.freePort(), 50, InetAddress.ofLiteral("127.0.0.1")));
        Thread.ofVirtual().start(names::accept);
        return names;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** From now on the door's name means this one. */
    void mean(Sidecar door) {
        doorPort = door.port();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var door = new Socket(InetAddress.ofLiteral("127.0.0.1"), doorPort)) {
            if (Wire.head(client.getInputStream()).isEmpty()) {
                return;
            }
            client.getOutputStream().write(ESTABLISHED);
            var back = Thread.ofVirtual().start(() -> pass(door, client));
            pass(client, door);
            back.join();
        } catch (IOException gone) {
            // Nobody is at that door: Keycloak learns it from the closed connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pass(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException gone) {
            // The other direction notices too.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
