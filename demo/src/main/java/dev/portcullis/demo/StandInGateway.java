package dev.portcullis.demo;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands where the Gateway would, for whoever has no Node: a page that shows what reached it, and a
 * WebSocket that echoes. Loopback only; HTTP/1.1, one virtual thread per connection. It believes
 * every header, as the Gateway does; that is what Portcullis is for.
 */
public final class StandInGateway implements AutoCloseable {
    private static final int HEAD_BYTES_MAX = 16 * 1024;
    private static final int IDLE_MILLIS = 5_000;

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private StandInGateway(ServerSocket listener) {
        this.listener = listener;
    }

    /**
     * Starts one.
     *
     * @param port on 127.0.0.1; 0 for any free one
     * @throws IOException if the port is taken
     */
    public static StandInGateway start(int port) throws IOException {
        var listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        var gateway = new StandInGateway(listener);
        Thread.ofVirtual().name("stand-in-gateway").start(gateway::accept);
        return gateway;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /** Closes the port and every connection. */
    @Override
    public void close() {
        quietly(listener);
        open.forEach(StandInGateway::quietly);
    }

    /**
     * One request head.
     *
     * @param fields lines as they came, in order
     */
    record Head(String method, String target, List<String> fields) {
        Optional<String> value(String name) {
            return fields.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException _) {
                return; // Closed.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setSoTimeout(IDLE_MILLIS);
            socket.setTcpNoDelay(true);
            var in = new BufferedInputStream(socket.getInputStream());
            var out = new BufferedOutputStream(socket.getOutputStream());
            while (answer(in, out, socket)) {
                out.flush();
            }
            out.flush();
        } catch (IOException _) {
            // The peer went, or was silent for too long.
        } finally {
            open.remove(socket);
        }
    }

    /** Whether another request may follow. */
    private boolean answer(InputStream in, OutputStream out, Socket socket) throws IOException {
        var head = head(in);
        if (head.isEmpty()) {
            return false;
        }
        var key = head.get().value("sec-websocket-key");
        if (key.isPresent()) {
            socket.setSoTimeout(0);
            EchoSocket.serve(key.get(), in, out);
            return false;
        }
        var target = head.get().target();
        switch (target) {
            case "/healthz", "/readyz" ->
                    write(out, head.get(), "application/json", "{\"ok\":true}");
            case "/control-ui-config.json" ->
                    write(out, head.get(), "application/json", "{\"standIn\":true}");
            default ->
                    write(out, head.get(), "text/html; charset=utf-8", StandInPage.of(head.get()));
        }
        var body = head.get().value("content-length").map(Long::parseLong).orElse(0L);
        in.skipNBytes(body);
        return head.get().value("transfer-encoding").isEmpty();
    }

    private static void write(OutputStream out, Head request, String type, String text)
            throws IOException {
        var body = text.getBytes(StandardCharsets.UTF_8);
        var head =
                "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nCache-Control: no-store\r\n\r\n"
                        .formatted(type, body.length);
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        if (!request.method().equals("HEAD")) {
            out.write(body);
        }
    }

    /** The next request's head; empty at the end of the connection. */
    private static Optional<Head> head(InputStream in) throws IOException {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (int count = 0; count < HEAD_BYTES_MAX; count++) {
            int next = in.read();
            if (next < 0) {
                return Optional.empty();
            } else if (next != '\n') {
                line.append((char) next); // One char per byte, ISO 8859-1.
            } else if (line.toString().strip().isEmpty()) {
                return parse(lines);
            } else {
                lines.add(line.toString().strip());
                line.setLength(0);
            }
        }
        throw new IOException("more than 16 KiB of head");
    }

    private static Optional<Head> parse(List<String> lines) {
        var first = lines.isEmpty() ? List.<String>of() : List.of(lines.getFirst().split(" ", 3));
        return first.size() == 3
                ? Optional.of(
                        new Head(
                                first.get(0),
                                first.get(1),
                                List.copyOf(lines.subList(1, lines.size()))))
                : Optional.empty();
    }

    private static void quietly(AutoCloseable closed) {
        try {
            closed.close();
        } catch (Exception _) {
            // Gone already.
        }
    }
}
