package dev.portcullis.edge;

import dev.portcullis.config.ClientAuthConfig;
import dev.portcullis.config.ServerCertificate;
import dev.portcullis.config.TlsConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the server's TLS context: BoringSSL where its library loads, the JDK's TLS elsewhere. */
final class TlsContexts {
    private static final Logger LOG = LoggerFactory.getLogger(TlsContexts.class);

    /**
     * TLS 1.3's own, then for 1.2 forward secrecy and authenticated encryption only (RFC 9325
     * §4.2).
     */
    private static final List<String> CIPHERS =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** The hybrid post-quantum group first (draft-ietf-tls-ecdhe-mlkem). */
    private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256"};

    /** In our order of preference (RFC 7301). A client that names neither speaks HTTP/1.1. */
    private static final ApplicationProtocolConfig PROTOCOLS =
            new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2,
                    ApplicationProtocolNames.HTTP_1_1);

    /**
     * Of what a client presents: some ten certificates. BoringSSL would take 100 KB from anybody,
     * and reserves what a message announces; it has 16 KiB for each in any case.
     */
    private static final int CERTIFICATES_MAX = 16 * 1024;

    private TlsContexts() {}

    /** Whatever a client presents is taken here, and judged on every request. */
    private static void askClients(SslContextBuilder builder, ClientAuthConfig clients) {
        if (clients.mode() != ClientAuthConfig.Mode.NONE) {
            builder.clientAuth(
                            clients.mode() == ClientAuthConfig.Mode.REQUIRED
                                    ? ClientAuth.REQUIRE
                                    : ClientAuth.OPTIONAL)
                    .trustManager(new UnjudgedCertificates(clients.authorities()));
        }
    }

    private static void resumeNothing(SSLSessionContext sessions) {
        if (sessions instanceof OpenSslSessionContext ours) {
            ours.setSessionCacheEnabled(false); // Of TLS 1.2; for tickets see FreedTlsContext.
        } else {
            sessions.setSessionTimeout(1); // In seconds: the JDK's TLS knows nothing shorter.
        }
    }

    /**
     * The context of a server.
     *
     * @throws SSLException if the pair does not fit or cannot be read
     */
    static SslContext server(TlsConfig config) throws SSLException {
        if (!(ServerCertificate.read(config.certificate(), config.key())
                instanceof ServerCertificate.Usable(var certificate))) {
            throw new SSLException("the certificate and its key cannot be used");
        }
        // Netty's reading of a key file loads Bouncy Castle's provider: 600 classes for one key.
        var chain = certificate.chain();
        var builder =
                SslContextBuilder.forServer(
                                certificate.key(), chain.toArray(X509Certificate[]::new))
                        .protocols(config.protocols())
                        .ciphers(CIPHERS)
                        .applicationProtocolConfig(PROTOCOLS);
        askClients(builder, config.clients());
        if (OpenSsl.isAvailable()) {
            builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                    .option(OpenSslContextOption.GROUPS, GROUPS)
                    .option(OpenSslContextOption.MAX_CERTIFICATE_LIST_BYTES, CERTIFICATES_MAX)
                    .enableOcsp(OpenSsl.isOcspSupported());
        } else {
            LOG.atWarn()
                    .addKeyValue("cause", String.valueOf(OpenSsl.unavailabilityCause()))
                    .log(
                            "BoringSSL did not load: TLS runs on the JDK, slower and not post-quantum");
            builder.sslProvider(SslProvider.JDK);
        }
        var context = builder.build();
        boolean resumes = config.clients().mode() == ClientAuthConfig.Mode.NONE;
        if (!resumes) {
            resumeNothing(context.sessionContext());
        }
        return OcspStapling.around(new FreedTlsContext(context, resumes), chain, Clock.systemUTC());
    }
}
