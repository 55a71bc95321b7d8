package dev.portcullis.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.FingerprintTrustManagerFactory;
import io.netty.internal.tcnative.SSL;
import java.io.IOException;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of TLS: 1.3, one key exchange group and nothing else, the one certificate by
 * its fingerprint. What the client does not offer no server can choose, so the group is the same
 * for all.
 */
public final class ClientTls {
    /** What the peers are compared with. */
    public static final String X25519 = "X25519";

    /** What Portcullis prefers. */
    public static final String HYBRID = "X25519MLKEM768";

    private static final String CIPHER = "TLS_AES_128_GCM_SHA256";

    private final Path certificate;
    private final SslContext context;
    private final boolean resumes;
    private final boolean piecemeal;
    private int connections;

    private ClientTls(Path certificate, SslContext context, boolean resumes, boolean piecemeal) {
        this.certificate = certificate;
        this.context = context;
        this.resumes = resumes;
        this.piecemeal = piecemeal;
    }

    /**
     * Makes the JDK's TLS, in all of this process, take new keys after each record and ask the
     * other side to do so as well. Before it is first used.
     */
    public static void updateKeysOften() {
        Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 1");
    }

    /**
     * Makes one.
     *
     * @param resumes whether a connection offers the last ticket of its lane
     */
    public static ClientTls of(Path certificate, String group, boolean resumes) throws IOException {
        return of(certificate, group, resumes, ApplicationProtocolNames.HTTP_1_1);
    }

    private static ClientTls of(Path certificate, String group, boolean resumes, String protocol)
            throws IOException {
        var context =
                builder(certificate, SslProvider.OPENSSL, protocol)
                        .option(OpenSslContextOption.GROUPS, new String[] {group})
                        .build();
        return new ClientTls(certificate, context, resumes, false);
    }

    private static SslContextBuilder builder(
            Path certificate, SslProvider provider, String protocol) throws IOException {
        var protocols =
                new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        protocol);
        return SslContextBuilder.forClient()
                .sslProvider(provider)
                .protocols("TLSv1.3")
                .applicationProtocolConfig(protocols)
                .trustManager(
                        FingerprintTrustManagerFactory.builder("SHA-256")
                                .fingerprints(fingerprint(certificate))
                                .build())
                .endpointIdentificationAlgorithm(null);
    }

    private static String fingerprint(Path certificate) throws IOException {
        try (var in = java.nio.file.Files.newInputStream(certificate)) {
            var read =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(in);
            var digest = java.security.MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(read.getEncoded()));
        } catch (CertificateException | java.security.NoSuchAlgorithmException e) {
            throw new IOException(certificate + ": no certificate", e);
        }
    }

    /**
     * For one connection.
     *
     * @param lane whose tickets it may use, if it may
     */
    public SslHandler handler(ByteBufAllocator allocator, int lane) {
        // Sessions are kept by name and port; a port of its own never finds one.
        int port = resumes ? lane + 1 : 1 + connections++ % 1_000_000;
        var handler = context.newHandler(allocator, Wire.HOST, port);
        handler.setHandshakeTimeout(30, TimeUnit.SECONDS);
        if (piecemeal) {
            handler.setWrapDataSize(0);
        }
        return handler;
    }

    /** A whole ClientHello of its own, which costs whoever sends it again nothing. */
    public ByteBuf hello() {
        var channel = new EmbeddedChannel();
        channel.pipeline().addLast(handler(channel.alloc(), 0));
        ByteBuf hello = channel.readOutbound();
        var bytes = ByteBufUtil.getBytes(hello);
        hello.release();
        channel.finishAndReleaseAll();
        return Wire.bytes(bytes);
    }

    /** The same, but offering HTTP/2 and nothing else (RFC 7301). */
    public ClientTls withHttp2() throws IOException {
        return of(certificate, X25519, false, "h2");
    }

    /**
     * The same over the JDK's TLS, each write in a record of its own: {@link #updateKeysOften} (RFC
     * 8446 §4.6.3).
     */
    public ClientTls withKeyUpdates() throws IOException {
        var context =
                builder(certificate, SslProvider.JDK, ApplicationProtocolNames.HTTP_1_1)
                        .ciphers(List.of(CIPHER))
                        .build();
        return new ClientTls(certificate, context, false, true);
    }

    /** What is wrong with a handshake that came to its end, or null. */
    @Nullable String problem(SslHandler handler, boolean mustResume) {
        var engine = (ReferenceCountedOpenSslEngine) handler.engine();
        var cipher = engine.getSession().getCipherSuite();
        if (!cipher.equals(CIPHER)) {
            return "cipher " + cipher + " (expected: " + CIPHER + ")";
        }
        boolean resumed = SSL.isSessionReused(engine.sslPointer());
        return resumed == mustResume ? null : resumed ? "resumed" : "not resumed";
    }
}
