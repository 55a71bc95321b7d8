package dev.portcullis.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A client that sends exactly the bytes it is given, over TLS. */
public final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final SSLSocket socket;

    /**
     * @param serverName for SNI, or null for none
     */
    public RawClient(InetSocketAddress door, String serverName) {
        this(plain(door), serverName);
    }

    /**
     * @param serverName for SNI, or null for none
     * @param protocols for ALPN, if any
     */
    public RawClient(InetSocketAddress door, String serverName, List<String> protocols) {
        this(plain(door), serverName, protocols, trusting());
    }

    /**
     * Over a connection that has said something already.
     *
     * @param serverName for SNI, or null for none
     */
    public RawClient(Socket plain, String serverName) {
        this(plain, serverName, List.of(), trusting());
    }

    /**
     * @param plain connected to the door
     * @param serverName for SNI, or null for none
     * @param protocols for ALPN, if any
     * @param context with a key of its own, perhaps
     */
    public RawClient(Socket plain, String serverName, List<String> protocols, SSLContext context) {
        try {
            var door = (InetSocketAddress) plain.getRemoteSocketAddress();
            var factory = context.getSocketFactory();
            socket = (SSLSocket) factory.createSocket(plain, "door", door.getPort(), true);
            var parameters = socket.getSSLParameters();
            parameters.setServerNames(
                    serverName == null ? List.of() : List.of(new AnyName(serverName)));
            parameters.setApplicationProtocols(protocols.toArray(String[]::new));
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.startHandshake();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket plain(InetSocketAddress door) {
        try {
            return new Socket(door.getAddress(), door.getPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SSLContext trusting() {
        return trusting(null);
    }

    /** Trusts any door, and shows it these keys. */
    public static SSLContext trusting(KeyManager[] keys) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new Trusting()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What ALPN agreed on; empty for nothing. */
    public String protocol() {
        return socket.getApplicationProtocol();
    }

    /** What the door showed in the handshake. */
    public X509Certificate certificate() {
        try {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public RawClient send(String bytes) {
        return send(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything until the door closes. */
    public String readToEnd() {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the door did not close", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Up to and with the end of a head. */
    public String readHead() {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) readByte());
        }
        return head.toString();
    }

    /** A head and the body its {@code content-length} announces. */
    public String readAnswer() {
        var head = readHead();
        for (var line : head.lines().toList()) {
            if (line.startsWith("content-length: ")) {
                return head + read(Integer.parseInt(line.substring(16)));
            }
        }
        return head;
    }

    public String read(int count) {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append((char) readByte());
        }
        return text.toString();
    }

    public int readByte() {
        try {
            int b = socket.getInputStream().read();
            if (b < 0) {
                throw new AssertionError("the door closed");
            }
            return b;
        } catch (SocketTimeoutException e) {
            throw new IllegalStateException("the door neither spoke nor closed", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException ignored) {
            // A reset by the door is as good an end.
        }
    }

    /** Of a host, or of none. */
    private static final class AnyName extends SNIServerName {
        AnyName(String name) {
            super(StandardConstants.SNI_HOST_NAME, name.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
