package dev.portcullis.state;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands before a server on loopback so that a test can take it away and bring it back at once:
 * shut, its port refuses connections and the open ones are gone, as when the process has ended.
 */
final class TcpGate implements AutoCloseable {
    private final int port;
    private final int behind;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private ServerSocket listener;

    private TcpGate(int port, int behind) throws IOException {
        this.port = port;
        this.behind = behind;
        this.listener = new ServerSocket(); // Unbound: refuses.
    }

    /** A gate that lets everybody through. */
    static TcpGate before(int behind) throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var gate = new TcpGate(port, behind);
        gate.open();
        return gate;
    }

    int port() {
        return port;
    }

    /** Lets everybody through. */
    void open() throws IOException {
        var fresh = new ServerSocket();
        fresh.setReuseAddress(true);
        fresh.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        listener = fresh;
        Thread.ofVirtual().start(() -> accept(fresh));
    }

    /** Refuses everybody, those inside too. */
    void shut() throws IOException {
        listener.close();
        for (var socket : open) {
            socket.close();
        }
        open.clear();
    }

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                var client = from.accept();
                var server = new Socket(InetAddress.ofLiteral("127.0.0.1"), behind);
                open.add(client);
                open.add(server);
                Thread.ofVirtual().start(() -> copy(client, server));
                Thread.ofVirtual().start(() -> copy(server, client));
            } catch (IOException shutOrRefused) {
                // The loop's condition tells which.
            }
        }
    }

    private void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException cut) {
            // Either side has gone; closing both is all there is to do.
        }
        open.remove(from);
        open.remove(to);
    }

    @Override
    public void close() throws IOException {
        shut();
    }
}
