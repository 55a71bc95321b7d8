package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.testing.CapturedLogs;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RawClient;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The handshake at the door: in pieces, in bulk, half, false, or for somebody else. */
class TlsDoorTest {
    @TempDir static Path folder;
    private static TestDoor door;
    private static String alice;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder, "limits: { handshake-time: 2s }");
        alice = "cookie: " + door.signIn("alice@example.com");
    }

    @AfterAll
    static void close() {
        door.close();
    }

    private static InetSocketAddress address() {
        return door.portcullis().address();
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2", "http/1.1"})
    void otherServerName_gets421InEitherProtocol(String protocol) {
        try (var client = new RawClient(address(), "other.test", List.of(protocol))) {
            assertThat(client.protocol()).isEqualTo(protocol);
            if (protocol.equals("h2")) {
                var http2 = new Http2Client(client);
                var head = Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, alice);
                assertThat(http2.answer(http2.request(true, head)).status()).isEqualTo(421);
            } else {
                client.send("GET /a HTTP/1.1\r\nHost: claw.test\r\n" + alice + "\r\n\r\n");
                assertThat(client.readToEnd()).startsWith("HTTP/1.1 421 ");
            }
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    /** RFC 6066 §3, and what no host is called. */
    @ParameterizedTest
    @ValueSource(strings = {"claw.test.", "claw_.test", "-claw.test", ".", "xn--"})
    void serverNameOfNoHost_gets421AndIsWrittenDown(String name) throws Exception {
        try (var client = new RawClient(address(), name);
                var logs = CapturedLogs.start()) {
            client.send("GET /a HTTP/1.1\r\nHost: claw.test\r\n" + alice + "\r\n\r\n");
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 421 ");
            assertThat(logs.lines()).noneMatch(line -> line.contains("Exception"));
        }
    }

    @Test
    void noProtocolOfOurs_endsTheHandshakeWithItsAlert() {
        assertThatThrownBy(() -> new RawClient(address(), TestDoor.HOST, List.of("smtp", "h2c")))
                .hasRootCauseInstanceOf(SSLException.class)
                .rootCause()
                .hasMessageContaining("no_application_protocol");
    }

    @Test
    void oneProtocolOfOurs_isTaken() {
        var offer = List.of("smtp", "http/1.1");
        try (var client = new RawClient(address(), TestDoor.HOST, offer)) {
            assertThat(client.protocol()).isEqualTo("http/1.1");
        }
    }

    @Test
    void clientHelloByteByByte_isTheSameHandshake() throws Exception {
        try (var socket = tls(new Dribbling(address()))) {
            socket.startHandshake();
            var request = "GET /a HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 401 ");
        }
    }

    /** One record after the other of a first message that says it is 16 MiB (CVE-2023-34462). */
    @Test
    void endlessClientHello_isCutLongBeforeItsEnd() throws IOException {
        try (var socket = new Socket()) {
            socket.setSendBufferSize(16 * 1024); // Else the kernel would take it all.
            socket.connect(address());
            var record = new byte[5 + 16 * 1024];
            System.arraycopy(new byte[] {22, 3, 1, 0x40, 0}, 0, record, 0, 5);
            System.arraycopy(new byte[] {1, -1, -1, -1}, 0, record, 5, 4);
            int sent = 0;
            try {
                for (; sent < 1024; sent++) {
                    socket.getOutputStream().write(record);
                }
            } catch (SocketException cut) {
                // Where that was is what counts.
            }
            assertThat(sent).as("records of 16 KiB").isLessThan(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\u0000\u0005hello", "PRI "})
    void noHandshake_isClosedWithoutAnAnswerInHttp(String bytes) throws IOException {
        try (var socket = new Socket(address().getAddress(), address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(rest(socket)).doesNotContain("HTTP");
        }
    }

    /** TLS would wait for 16 KiB of it, in memory that nobody counts. */
    @ParameterizedTest
    @ValueSource(ints = {0, 24, 71, 128})
    void recordOfNoType_endsTheConnectionAtOnce(int type) throws Exception {
        byte[] head = {(byte) type, 3, 3, 0x40, 0};
        try (var socket = new Socket(address().getAddress(), address().getPort())) {
            socket.setSoTimeout(1_000); // Shorter than a handshake may take.
            socket.getOutputStream().write(head);
            assertThat(rest(socket)).as("an alert at most").hasSizeLessThan(8);
        }
        try (var plain = new Socket(address().getAddress(), address().getPort())) {
            var socket = tls(plain);
            socket.startHandshake();
            socket.setSoTimeout(5_000); // Shorter than a head may take.
            plain.getOutputStream().write(head);
            assertThatCode(() -> rest(socket)).doesNotThrowAnyException(); // Nor comes too late.
        }
    }

    private static String rest(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketException reset) {
            return "";
        }
    }

    @Test
    void halfHandshake_isClosedInTime() throws IOException {
        try (var socket = new Socket(address().getAddress(), address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1});
            assertThat(rest(socket)).isNotNull();
        }
    }

    @Test
    void tls12_isRefusedUnlessChosen() throws Exception {
        try (var socket = tls(new Socket(address().getAddress(), address().getPort()))) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
    }

    private static SSLSocket tls(Socket plain) throws GeneralSecurityException, IOException {
        var context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        var socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(plain, TestDoor.HOST, address().getPort(), true);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Sends every byte in a packet of its own. */
    private static final class Dribbling extends Socket {
        Dribbling(InetSocketAddress to) throws IOException {
            super(to.getAddress(), to.getPort());
            setTcpNoDelay(true);
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return new FilterOutputStream(super.getOutputStream()) {
                @Override
                public void write(byte[] bytes, int from, int count) throws IOException {
                    for (int i = from; i < from + count; i++) {
                        out.write(bytes[i]);
                        out.flush();
                    }
                }
            };
        }
    }
}
