package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.portcullis.config.ClientAuthConfig;
import dev.portcullis.config.TlsConfig;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which answers of a responder are stapled: signed by the right key, on this certificate, now. */
class OcspStaplingTest {
    private static final URI RESPONDER = URI.create("http://ocsp.test/answers");

    @SuppressWarnings("TimeInStaticInitializer") // Certificates and answers of one run.
    private static final Instant NOW = Instant.now();

    private static X509Bundle authority;
    private static X509Bundle leaf;
    private static OcspResponses responses;

    @BeforeAll
    static void issue() throws Exception {
        authority = authority("CN=authority");
        leaf = leaf(RESPONDER);
        responses = new OcspResponses(leaf.getCertificate(), authority.getCertificate());
    }

    @Test
    void handshake_carriesTheAnswerOnceItIsFetched(@TempDir Path folder) throws Exception {
        var http =
                HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        var at = URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/");
        var served = leaf(at);
        var bytes = answer(authority, served.getCertificate(), CertificateStatus.GOOD, NOW, 600);
        http.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(200, bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        http.start();
        var chain = folder.resolve("tls.crt");
        Files.writeString(
                chain, served.getCertificatePathPEM() + authority.getCertificatePathPEM());
        var key = Files.writeString(folder.resolve("tls.key"), served.getPrivateKeyPEM());
        var context =
                TlsContexts.server(
                        new TlsConfig(chain, key, List.of("TLSv1.3"), ClientAuthConfig.NONE));
        try (var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())) {
            var listener = listen(loops, context);
            List<byte[]> stapled = List.of();
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (stapled.isEmpty() && System.nanoTime() < end) { // It is fetched meanwhile.
                stapled = stapled((InetSocketAddress) listener.localAddress());
            }
            assertThat(stapled).containsExactly(bytes);
        } finally {
            http.stop(0);
        }
    }

    private static Channel listen(MultiThreadIoEventLoopGroup loops, SslContext context)
            throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline().addLast(context.newHandler(channel.alloc()));
                            }
                        })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    private static List<byte[]> stapled(InetSocketAddress door) throws Exception {
        var client = SSLContext.getInstance("TLS");
        client.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (var socket =
                (SSLSocket)
                        client.getSocketFactory().createSocket(door.getAddress(), door.getPort())) {
            socket.startHandshake();
            return ((ExtendedSSLSession) socket.getSession()).getStatusResponses();
        }
    }

    private static X509Bundle authority(String name) throws Exception {
        return new CertificateBuilder()
                .subject(name)
                .ecp256()
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    private static X509Bundle leaf(URI responder) throws Exception {
        var access =
                new AuthorityInformationAccess(
                        AccessDescription.id_ad_ocsp,
                        new GeneralName(
                                GeneralName.uniformResourceIdentifier, responder.toString()));
        return new CertificateBuilder()
                .subject("CN=claw.test")
                .ecp256()
                .addExtensionOctetString(
                        Extension.authorityInfoAccess.getId(), false, access.getEncoded())
                .buildIssuedBy(authority);
    }

    @Test
    void responder_isTheOneTheCertificateNames() {
        assertThat(OcspResponses.responder(leaf.getCertificate())).contains(RESPONDER);
        assertThat(OcspResponses.responder(authority.getCertificate())).isEmpty();
    }

    @Test
    void request_isAboutThisCertificate() throws Exception {
        var asked = new OCSPReq(responses.request()).getRequestList();
        assertThat(asked).hasSize(1);
        assertThat(asked[0].getCertID().getSerialNumber())
                .isEqualTo(leaf.getCertificate().getSerialNumber());
    }

    @Test
    void goodAnswer_isGoodUntilItSays() throws Exception {
        var bytes = answer(authority, leaf.getCertificate(), CertificateStatus.GOOD, NOW, 60);
        var staple = responses.read(bytes, NOW);
        assertThat(staple.bytes()).isEqualTo(bytes);
        assertThat(staple.until()).isBetween(NOW.plusSeconds(58), NOW.plusSeconds(61));
    }

    @Test
    void answerOfADelegate_needsTheAuthoritysWordForIt() throws Exception {
        var delegate =
                new CertificateBuilder()
                        .subject("CN=responder")
                        .ecp256()
                        .addExtendedKeyUsageOcspSigning()
                        .buildIssuedBy(authority);
        var other = new CertificateBuilder().subject("CN=x").ecp256().buildIssuedBy(authority);
        var bytes = answer(delegate, leaf.getCertificate(), CertificateStatus.GOOD, NOW, 60);
        assertThat(responses.read(bytes, NOW).bytes()).isEqualTo(bytes);
        refused(answer(other, leaf.getCertificate(), CertificateStatus.GOOD, NOW, 60));
    }

    @Test
    void anyOtherAnswer_isNotStapled() throws Exception {
        var good = CertificateStatus.GOOD;
        var certificate = leaf.getCertificate();
        refused(answer(authority("CN=authority"), certificate, good, NOW, 60));
        refused(answer(authority, authority.getCertificate(), good, NOW, 60));
        refused(answer(authority, certificate, new RevokedStatus(Date.from(NOW), 0), NOW, 60));
        refused(answer(authority, certificate, good, NOW.minusSeconds(120), 60));
        refused(answer(authority, certificate, good, NOW.plusSeconds(60), 60));
        refused(answer(authority, certificate, good, NOW.minusSeconds(1), -1));
        refused(new OCSPRespBuilder().build(OCSPRespBuilder.TRY_LATER, null).getEncoded());
        refused(new byte[0]);
        refused(new byte[] {0x30, 3, 1, 2, 3});
        refused("<html>".getBytes(StandardCharsets.US_ASCII));
        var bytes = answer(authority, certificate, good, NOW, 60);
        var signed = NOW.truncatedTo(ChronoUnit.SECONDS).toString().substring(0, 4);
        var time = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(signed);
        bytes[time + 3] ^= 1; // The year it was produced in.
        refused(bytes);
    }

    private static void refused(byte[] bytes) {
        assertThatThrownBy(() -> responses.read(bytes, NOW)).isInstanceOf(IOException.class);
    }

    /**
     * @param seconds from {@code from} to the next update, or -1 for none
     */
    private static byte[] answer(
            X509Bundle signer,
            X509Certificate about,
            CertificateStatus status,
            Instant from,
            int seconds)
            throws Exception {
        var digests = new JcaDigestCalculatorProviderBuilder().build();
        DigestCalculator sha1 = digests.get(CertificateID.HASH_SHA1);
        BigInteger serial = about.getSerialNumber();
        var id =
                new CertificateID(
                        sha1, new JcaX509CertificateHolder(authority.getCertificate()), serial);
        var holder = new JcaX509CertificateHolder(signer.getCertificate());
        var builder = new BasicOCSPRespBuilder(new RespID(holder.getSubject()));
        var next = seconds < 0 ? null : Date.from(from.plus(Duration.ofSeconds(seconds)));
        builder.addResponse(id, status, Date.from(from), next);
        var basic =
                builder.build(
                        new JcaContentSignerBuilder("SHA256withECDSA")
                                .build(signer.getKeyPair().getPrivate()),
                        new X509CertificateHolder[] {holder},
                        Date.from(from));
        OCSPResp response = new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, basic);
        return response.getEncoded();
    }
}
