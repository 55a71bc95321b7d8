package dev.portcullis.e2e;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** One TLS connection to the door, on which a test writes whatever bytes it likes. */
final class DoorClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;

    private DoorClient(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
        this.out = socket.getOutputStream();
    }

    static DoorClient connect(TestCertificates certificates, int port) throws IOException {
        return connect(certificates, port, 0);
    }

    /** With socket buffers of a set size, for tests that stop reading or writing. */
    static DoorClient connect(TestCertificates certificates, int port, int bufferBytes)
            throws IOException {
        var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        return connect(certificates.trusting(), address, bufferBytes);
    }

    /**
     * Connects with what that context trusts and shows.
     *
     * @param bufferBytes of both directions; 0 leaves them to the kernel, which tunes them up
     */
    static DoorClient connect(SSLContext context, InetSocketAddress address, int bufferBytes)
            throws IOException {
        var plain = new Socket();
        if (bufferBytes > 0) {
            plain.setReceiveBufferSize(bufferBytes); // Before the handshake: it fixes the window.
            plain.setSendBufferSize(bufferBytes);
        }
        plain.connect(address, 5_000);
        plain.setSoTimeout((int) PATIENCE.toMillis());
        plain.setTcpNoDelay(true);
        var factory = context.getSocketFactory();
        int port = address.getPort();
        var socket = (SSLSocket) factory.createSocket(plain, TestCertificates.DOOR, port, true);
        var parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(TestCertificates.DOOR)));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return new DoorClient(socket);
    }

    /** Writes the characters as bytes, one each. */
    DoorClient send(String bytes) throws IOException {
        out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        return this;
    }

    /**
     * Opens a WebSocket and sends a small first message, as every client of the Gateway does: until
     * then it takes 64 KiB at most.
     */
    void openSocket(String path, String cookie) throws IOException {
        send(BrowserRequests.handshake(path, cookie));
        var answer = answer();
        if (answer.status() != 101) {
            throw new AssertionError("no socket (expected: 101): " + answer);
        }
        Frames.writeMasked(out, Frames.TEXT, new byte[] {'h', 'e', 'l', 'l', 'o'});
    }

    InputStream in() {
        return in;
    }

    OutputStream out() {
        return out;
    }

    /** How long a read may wait. */
    void patience(Duration atMost) throws IOException {
        socket.setSoTimeout((int) atMost.toMillis());
    }

    /** The next answer to anything but HEAD. */
    Answer answer() throws IOException {
        return answerIfAny().orElseThrow(() -> new AssertionError("closed (expected: an answer)"));
    }

    /** The next answer to a HEAD, which has no body. */
    Answer answerToHead() throws IOException {
        var head = Wire.head(in);
        return new Answer(status(head), Wire.fields(head), new byte[0]);
    }

    /** The next answer, or empty if the connection ended without one. */
    Optional<Answer> answerIfAny() throws IOException {
        var head = Wire.head(in);
        if (head.isEmpty()) {
            return Optional.empty();
        }
        var fields = Wire.fields(head);
        int status = status(head);
        boolean bodiless = status < 200 || status == 204 || status == 304;
        return Optional.of(
                new Answer(status, fields, bodiless ? new byte[0] : Wire.body(in, fields)));
    }

    private static int status(String head) {
        return Integer.parseInt(head.split(" ", 3)[1]);
    }

    /** The certificate that the door has shown. */
    Certificate certificate() throws IOException {
        return socket.getSession().getPeerCertificates()[0];
    }

    /** Whether the door closes now without another byte. */
    boolean ended() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
