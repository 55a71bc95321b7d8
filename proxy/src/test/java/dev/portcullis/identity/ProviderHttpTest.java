package dev.portcullis.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.portcullis.config.ServerCertificate;
import dev.portcullis.identity.ProviderExchange.Answered;
import dev.portcullis.identity.ProviderExchange.Failed;
import dev.portcullis.identity.ProviderHttp.Plaintext;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderHttpTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com/",
                "http://localhost/",
                "http://127.0.0.1.example.com/",
                "http://[::2]/",
                "https://user@example.com/",
                "ftp://127.0.0.1/",
                "file:///etc/passwd",
                "mailto:a@b",
                "/path"
            })
    void anythingButHttpsOrLoopback_isNotAsked(String uri) {
        try (var http = new ProviderHttp(null, Plaintext.ON_LOOPBACK, LONG, 1024)) {
            assertThat(http.get(URI.create(uri))).isInstanceOf(Failed.class);
        }
    }

    @Test
    void plaintextOnLoopback_isRefusedUnlessConfigured() {
        try (var issuer = new TestIssuer();
                var http = new ProviderHttp(null, Plaintext.REFUSED, LONG, 1024)) {
            assertThat(http.get(issuer.uri())).isInstanceOf(Failed.class);
        }
    }

    @Test
    void redirect_isAnAnswerLikeAnother() {
        try (var issuer = new TestIssuer();
                var http = new ProviderHttp(null, Plaintext.ON_LOOPBACK, LONG, 1024)) {
            issuer.answer("/", new TestIssuer.Page(302, "text/plain", ""));
            assertThat(http.get(issuer.uri().resolve("/")))
                    .isInstanceOfSatisfying(
                            Answered.class, it -> assertThat(it.status()).isEqualTo(302));
        }
    }

    @Test
    void answerOfTheLargestSize_passesAndOneByteMoreDoesNot() {
        try (var issuer = new TestIssuer();
                var http = new ProviderHttp(null, Plaintext.ON_LOOPBACK, LONG, 1024)) {
            issuer.answer("/fits", new TestIssuer.Page(200, "text/plain", "x".repeat(1024)));
            issuer.answer("/not", new TestIssuer.Page(200, "text/plain", "x".repeat(1025)));
            assertThat(http.get(issuer.uri().resolve("/fits"))).isInstanceOf(Answered.class);
            assertThat(http.get(issuer.uri().resolve("/not"))).isInstanceOf(Failed.class);
        }
    }

    @Test
    void bodyThatNeverEnds_endsAtTheDeadline() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var http =
                        new ProviderHttp(
                                null, Plaintext.ON_LOOPBACK, Duration.ofMillis(500), 1024)) {
            Thread.ofVirtual().start(() -> answerHalf(server));
            var uri = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/?code=secret");
            assertThat(http.get(uri))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            it ->
                                    assertThat(it.why())
                                            .contains("no whole answer")
                                            .doesNotContain("secret"));
        }
    }

    private static void answerHalf(ServerSocket server) {
        try {
            var socket = server.accept(); // Left open: it ends with the test.
            socket.getOutputStream()
                    .write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
                                    .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException _) {
            // The test has ended.
        }
    }

    @Test
    void nobodyThere_isSaidInOneLine() {
        try (var http = new ProviderHttp(null, Plaintext.ON_LOOPBACK, LONG, 1024)) {
            assertThat(http.get(URI.create("http://127.0.0.1:1/x")))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            it -> assertThat(it.why()).startsWith("http://127.0.0.1:1/x: "));
        }
    }

    @Test
    void post_sendsItsBodyAndHeaders() {
        try (var issuer = new TestIssuer();
                var http = new ProviderHttp(null, Plaintext.ON_LOOPBACK, LONG, 1024)) {
            issuer.answer("/token", new TestIssuer.Page(400, "application/json", "{}"));
            var answer =
                    http.send(
                            "POST",
                            issuer.uri().resolve("/token"),
                            Map.of("Content-Type", "application/x-www-form-urlencoded"),
                            "a=b");
            assertThat(answer)
                    .isInstanceOfSatisfying(
                            Answered.class,
                            it -> {
                                assertThat(it.status()).isEqualTo(400);
                                assertThat(it.isJson()).isTrue();
                                assertThat(it.text()).isEqualTo("{}");
                            });
        }
    }

    @Test
    void authoritiesWithoutACertificate_stopTheStart(@TempDir Path folder) throws IOException {
        var empty = Files.writeString(folder.resolve("ca.pem"), "");
        assertThatThrownBy(() -> ProviderHttp.trusting(empty))
                .isInstanceOf(GeneralSecurityException.class);
        assertThatThrownBy(() -> ProviderHttp.trusting(folder.resolve("missing.pem")))
                .isInstanceOf(IOException.class);
    }

    // TLS.

    @Test
    void privateAuthority_isTrustedOnlyWhereItIsConfigured(@TempDir Path folder) throws Exception {
        var ca = authority("ours");
        var server = new CertificateBuilder().subject("CN=idp").addSanIpAddress("127.0.0.1");
        try (var listening = https(server.buildIssuedBy(ca));
                var trusting = trusting(folder, ca);
                var usual = new ProviderHttp(null, Plaintext.REFUSED, LONG, 1024);
                var other = trusting(folder, authority("theirs"))) {
            assertThat(trusting.get(listening.uri())).isInstanceOf(Answered.class);
            assertThat(usual.get(listening.uri())).isInstanceOf(Failed.class);
            assertThat(other.get(listening.uri())).isInstanceOf(Failed.class);
        }
    }

    @Test
    void certificateOfAnotherHost_isRefused(@TempDir Path folder) throws Exception {
        var ca = authority("ours");
        var server = new CertificateBuilder().subject("CN=127.0.0.1").addSanDnsName("idp.test");
        try (var listening = https(server.buildIssuedBy(ca));
                var trusting = trusting(folder, ca)) {
            assertThat(trusting.get(listening.uri())).isInstanceOf(Failed.class);
        }
    }

    @Test
    void certificateThatHasExpired_isRefused(@TempDir Path folder) throws Exception {
        var ca = authority("ours");
        var server =
                new CertificateBuilder()
                        .subject("CN=idp")
                        .addSanIpAddress("127.0.0.1")
                        .notBefore(Instant.now().minusSeconds(7200))
                        .notAfter(Instant.now().minusSeconds(3600));
        try (var listening = https(server.buildIssuedBy(ca));
                var trusting = trusting(folder, ca)) {
            assertThat(trusting.get(listening.uri())).isInstanceOf(Failed.class);
        }
    }

    @Test
    void aCertificateOfOurs_isShownWhereItIsAskedFor(@TempDir Path folder) throws Exception {
        var ca = authority("ours");
        var server = new CertificateBuilder().subject("CN=idp").addSanIpAddress("127.0.0.1");
        var pem = Files.writeString(folder.resolve("ca.pem"), ca.getCertificatePEM());
        var mine = new CertificateBuilder().subject("CN=portcullis").ecp256().buildIssuedBy(ca);
        var chain = Files.writeString(folder.resolve("me.pem"), mine.getCertificatePathPEM());
        var key = Files.writeString(folder.resolve("me.key"), mine.getPrivateKeyPEM());
        var ours = (ServerCertificate.Usable) ServerCertificate.read(chain, key);
        try (var listening = https(server.buildIssuedBy(ca), ca);
                var silent = trusting(folder, ca);
                var showing =
                        new ProviderHttp(
                                ProviderHttp.showing(ours.certificate(), pem),
                                Plaintext.REFUSED,
                                LONG,
                                1024)) {
            assertThat(silent.get(listening.uri())).isInstanceOf(Failed.class);
            assertThat(showing.get(listening.uri())).isInstanceOf(Answered.class);
        }
    }

    private record Listening(HttpsServer server) implements AutoCloseable {
        URI uri() {
            return URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/");
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private static X509Bundle authority(String name) throws Exception {
        return new CertificateBuilder()
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    private static ProviderHttp trusting(Path folder, X509Bundle ca) throws Exception {
        var pem = Files.createTempFile(folder, "ca", ".pem");
        Files.writeString(pem, ca.getCertificatePEM());
        return new ProviderHttp(ProviderHttp.trusting(pem), Plaintext.REFUSED, LONG, 1024);
    }

    private static Listening https(X509Bundle certificate) throws Exception {
        return https(certificate, null);
    }

    /** With clients' certificates required where an authority for them is given. */
    private static Listening https(X509Bundle certificate, X509Bundle clients) throws Exception {
        var keys = certificate.toKeyManagerFactory();
        var context = SSLContext.getInstance("TLS");
        context.init(
                keys.getKeyManagers(),
                clients == null ? null : clients.toTrustManagerFactory().getTrustManagers(),
                null);
        var server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(
                new HttpsConfigurator(context) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        var wanted = getSSLContext().getDefaultSSLParameters();
                        wanted.setNeedClientAuth(clients != null);
                        parameters.setSSLParameters(wanted);
                    }
                });
        server.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        server.start();
        return new Listening(server);
    }
}
