package dev.portcullis.testing;

import dev.portcullis.http.WebSocketHandshake;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands behind the door and keeps, byte for byte, what came through. Answers by a script. */
public final class RecordedGateway implements AutoCloseable {
    /** What the stand-in does with a connection once a head has come. */
    @FunctionalInterface
    public interface Script {
        /** Answers; the connection is read on until this returns false. */
        boolean answer(String head, Socket connection) throws IOException;
    }

    /** 200 with two bytes, and the connection stays. */
    public static final Script OK =
            (head, connection) -> {
                send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                return true;
            };

    private final ServerSocket listener;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final List<ByteArrayOutputStream> connections = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Script script = OK;

    public RecordedGateway() {
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().start(this::accept);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    public void answers(Script next) {
        script = next;
    }

    /** Every request head, as it came. */
    public List<String> heads() {
        return List.copyOf(heads);
    }

    /** Everything that came, over all connections. */
    public String bytes() {
        var all = new StringBuilder();
        connections.forEach(c -> all.append(c.toString(StandardCharsets.ISO_8859_1)));
        return all.toString();
    }

    /** How many connections were made. */
    public int connections() {
        return connections.size();
    }

    public void forget() {
        heads.clear();
        connections.forEach(ByteArrayOutputStream::reset);
    }

    /** Ends every connection there is. */
    public void cut() {
        open.forEach(RecordedGateway::closeQuietly);
    }

    /** As new: what came before, and what of it is still on its way, is written down nowhere. */
    public void startOver() {
        acceptAllThatWait();
        cut();
        Await.until("the ends of all connections", open::isEmpty);
        forget();
    }

    /** Connections are accepted in their order: once a new one is, nothing older waits. */
    private void acceptAllThatWait() {
        try (var last = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            int port = last.getLocalPort();
            Await.until(
                    "its own connection",
                    () -> open.stream().anyMatch(socket -> socket.getPort() == port));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Opens the WebSocket that a head asks for. */
    public static void openSocket(String head, Socket connection) throws IOException {
        send(
                connection,
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: "
                        + socketAccept(head)
                        + "\r\n\r\n");
    }

    /** What is right in {@code Sec-WebSocket-Accept} for a head (RFC 6455 §4.2.2). */
    public static String socketAccept(String head) {
        var key = head.lines().filter(line -> line.startsWith("sec-websocket-key: ")).findFirst();
        return WebSocketHandshake.accept(key.orElseThrow().substring(19));
    }

    public static void send(Socket connection, String bytes) throws IOException {
        connection.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        connection.getOutputStream().flush();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        var record = new ByteArrayOutputStream();
        connections.add(record);
        try (socket) {
            var in = new Recording(socket.getInputStream(), record);
            while (true) {
                var head = readHead(in);
                if (head == null) {
                    return;
                }
                heads.add(head);
                readBody(head, in);
                if (!script.answer(head, socket)) {
                    return;
                }
            }
        } catch (IOException gone) {
            // The door closed: what came is recorded.
        } finally {
            open.remove(socket);
        }
    }

    private static String readHead(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            head.append((char) b);
        }
        return head.toString();
    }

    private static void readBody(String head, InputStream in) throws IOException {
        for (var line : head.lines().toList()) {
            if (line.startsWith("content-length: ")) {
                in.readNBytes(Integer.parseInt(line.substring(16)));
            } else if (line.equals("transfer-encoding: chunked")) {
                readChunks(in);
            }
        }
    }

    private static void readChunks(InputStream in) throws IOException {
        int size;
        do {
            var line = new StringBuilder();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new IOException("half a body");
                }
                line.append((char) b);
            }
            size = Integer.parseInt(line.toString().strip(), 16);
            in.readNBytes(size + 2);
        } while (size > 0);
    }

    /** Writes down what is read. */
    private static final class Recording extends FilterInputStream {
        private final ByteArrayOutputStream record;

        Recording(InputStream from, ByteArrayOutputStream record) {
            super(from);
            this.record = record;
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            if (b >= 0) {
                record.write(b);
            }
            return b;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int count = super.read(into, from, length);
            if (count > 0) {
                record.write(into, from, count);
            }
            return count;
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException ignored) {
            // It is gone either way.
        }
    }

    @Override
    public void close() {
        cut();
        try {
            listener.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
