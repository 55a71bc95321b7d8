package dev.portcullis.e2e;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands where the Gateway would and keeps what arrives, byte for byte. What it answers is a
 * script; the usual one answers every request with 200 and echoes on BrowserRequests.
 */
final class RecordingGateway implements AutoCloseable {
    private static final int TRANSCRIPT_MAX = 1 << 20;
    private static final int BACKLOG = 1024;

    private final ServerSocket listener;
    private final Script script;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private volatile long firstAcceptedNanos;
    private final ByteArrayOutputStream transcript = new ByteArrayOutputStream();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<IOException> failures = new CopyOnWriteArrayList<>();

    /** What to do with one request. */
    @FunctionalInterface
    interface Script {
        /** Reads the body, if there is one, and answers. Returning lets the next request come. */
        void serve(Request request, Connection connection) throws IOException;
    }

    /** The head of one request exactly as it arrived. */
    record Request(String head) {
        Map<String, List<String>> fields() {
            return Wire.fields(head);
        }

        String line() {
            return head.lines().findFirst().orElseThrow();
        }

        boolean upgrade() {
            return fields().containsKey("upgrade");
        }
    }

    /** One connection from the door. */
    record Connection(Socket socket, InputStream in, OutputStream out) {
        void send(String bytes) throws IOException {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        /** Accepts the upgrade (RFC 6455 §4.2.2). */
        void switchProtocols(Request request) throws IOException {
            var key = request.fields().get("sec-websocket-key").getFirst();
            send(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            + "Connection: Upgrade\r\nSec-WebSocket-Accept: "
                            + accept(key)
                            + "\r\n\r\n");
        }
    }

    private RecordingGateway(Script script, String host, int port, int bufferBytes)
            throws IOException {
        this.script = script;
        this.listener = new ServerSocket();
        if (bufferBytes > 0) {
            listener.setReceiveBufferSize(bufferBytes); // Inherited by what it accepts.
        }
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral(host), port), BACKLOG);
        Thread.ofVirtual().start(() -> accept(bufferBytes));
    }

    /** Answers 200 to everything and echoes. */
    static RecordingGateway start() throws IOException {
        return start(RecordingGateway::answerOrEcho);
    }

    static RecordingGateway start(Script script) throws IOException {
        return start(script, 0);
    }

    /**
     * With socket buffers of a set size.
     *
     * @param bufferBytes of both directions; 0 leaves them to the kernel
     */
    static RecordingGateway start(Script script, int bufferBytes) throws IOException {
        return new RecordingGateway(script, "127.0.0.1", 0, bufferBytes);
    }

    /** At a port where one was before. */
    static RecordingGateway startAt(int port, Script script) throws IOException {
        return new RecordingGateway(script, "127.0.0.1", port, 0);
    }

    /** On {@code ::1} alone. */
    static RecordingGateway startOverIpv6() throws IOException {
        return new RecordingGateway(RecordingGateway::answerOrEcho, "::1", 0, 0);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Request bytes that have arrived in all, bodies and frames included. */
    long received() {
        return received.get();
    }

    /** Connections accepted in all. */
    long accepted() {
        return accepted.get();
    }

    /** When it accepted its first one, in monotonic time; 0 before. */
    long firstAcceptedNanos() {
        return firstAcceptedNanos;
    }

    /** Requests so far, oldest first. */
    List<Request> requests() {
        return List.copyOf(requests);
    }

    /** The first MiB of what has arrived since it last forgot, on all connections. */
    String transcript() {
        synchronized (transcript) {
            return transcript.toString(StandardCharsets.ISO_8859_1);
        }
    }

    /** Forgets the requests and the transcript so far. */
    void forget() {
        requests.clear();
        synchronized (transcript) {
            transcript.reset();
        }
    }

    private void record(byte[] bytes, int offset, int length) {
        received.addAndGet(length);
        synchronized (transcript) {
            int room = TRANSCRIPT_MAX - transcript.size();
            transcript.write(bytes, offset, Math.min(room, length));
        }
    }

    /** What went wrong on its connections, other than their ends. */
    List<IOException> failures() {
        return List.copyOf(failures);
    }

    private void accept(int bufferBytes) {
        while (!listener.isClosed()) {
            try {
                var socket = listener.accept();
                if (bufferBytes > 0) {
                    socket.setSendBufferSize(bufferBytes);
                }
                socket.setTcpNoDelay(true);
                if (accepted.getAndIncrement() == 0) {
                    firstAcceptedNanos = System.nanoTime();
                }
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                // The loop's condition ends it.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var counted = new Recording(socket.getInputStream());
            var connection =
                    new Connection(
                            socket, new BufferedInputStream(counted), socket.getOutputStream());
            while (!socket.isClosed()) { // A script may hang up.
                var head = Wire.head(connection.in());
                if (head.isEmpty()) {
                    return;
                }
                var request = new Request(head);
                requests.add(request);
                script.serve(request, connection);
            }
        } catch (IOException e) {
            failures.add(e);
        } finally {
            open.remove(socket);
        }
    }

    /** The usual script. */
    static void answerOrEcho(Request request, Connection connection) throws IOException {
        if (request.upgrade()) {
            connection.switchProtocols(request);
            echo(connection);
        } else {
            var body = Wire.body(connection.in(), request.fields());
            var text = "recorded " + body.length + " bytes of body\n";
            connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
                            + text.length()
                            + "\r\n\r\n"
                            + (request.head().startsWith("HEAD ") ? "" : text));
        }
    }

    /** Sends every frame back until the close frame, which it answers and then hangs up. */
    static void echo(Connection connection) throws IOException {
        while (true) {
            var frame = Frames.read(connection.in());
            int opcode = frame.opcode() == Frames.PING ? Frames.PONG : frame.opcode();
            Frames.write(connection.out(), opcode, frame.payload());
            if (frame.opcode() == Frames.CLOSE) {
                connection.socket().close();
                return;
            }
        }
    }

    private static String accept(String key) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            var magic = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
            return Base64.getEncoder()
                    .encodeToString(sha1.digest(magic.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has SHA-1", e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (var socket : new ArrayList<>(open)) {
            socket.close();
        }
    }

    /** Keeps what is read, before anybody buffers or parses it. */
    private final class Recording extends FilterInputStream {
        Recording(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = super.read(bytes, offset, length);
            if (n > 0) {
                record(bytes, offset, n);
            }
            return n;
        }
    }
}
