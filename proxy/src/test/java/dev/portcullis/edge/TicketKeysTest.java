package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.portcullis.config.ClientAuthConfig;
import dev.portcullis.config.TlsConfig;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ticket is good as long as the key that sealed it, whichever context it comes back to. */
class TicketKeysTest {
    @TempDir Path folder;
    private final TicketKeys keys = new TicketKeys();
    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private SSLContext client;
    private SslContext serving;
    private Channel listener;

    @BeforeEach
    void open() throws Exception {
        assumeThat(OpenSsl.isAvailable()).as("BoringSSL").isTrue();
        client = SSLContext.getInstance("TLS");
        client.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        serving = newContext();
        keys.serve(serving);
        listener =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(serving.newHandler(channel.alloc()));
                                        channel.writeAndFlush(
                                                channel.alloc().buffer(1).writeByte('!'));
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .sync()
                        .channel();
    }

    @AfterEach
    void close() {
        loops.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS)
                .awaitUninterruptibly();
    }

    @Test
    void sameKeys_resumeInTheContextThatReplacedTheFirst() throws Exception {
        connect();
        serving = newContext();
        keys.serve(serving);
        connect();
        assertThat(resumed()).isEqualTo(1);
    }

    @Test
    void twoRotations_stillResume() throws Exception {
        connect();
        keys.rotate();
        keys.rotate();
        connect();
        assertThat(resumed()).isEqualTo(1);
    }

    @Test
    void threeRotations_resumeNothing() throws Exception {
        connect();
        keys.rotate();
        keys.rotate();
        keys.rotate();
        connect();
        assertThat(resumed()).isZero();
    }

    private long resumed() {
        var stats = ((OpenSslSessionContext) serving.sessionContext()).stats();
        return stats.ticketKeyResume() + stats.ticketKeyRenew();
    }

    private void connect() throws Exception {
        var address = (InetSocketAddress) listener.localAddress();
        try (var socket =
                (SSLSocket)
                        client.getSocketFactory()
                                .createSocket(address.getAddress(), address.getPort())) {
            assertThat(socket.getInputStream().read()).isEqualTo('!'); // Tickets come before it.
        }
    }

    private SslContext newContext() throws Exception {
        var bundle =
                new CertificateBuilder()
                        .subject("CN=localhost")
                        .addSanDnsName("localhost")
                        .ecp256()
                        .setIsCertificateAuthority(true)
                        .buildSelfSigned();
        var chain = Files.writeString(folder.resolve("tls.crt"), bundle.getCertificatePathPEM());
        var key = Files.writeString(folder.resolve("tls.key"), bundle.getPrivateKeyPEM());
        return TlsContexts.server(
                new TlsConfig(chain, key, List.of("TLSv1.3"), ClientAuthConfig.NONE));
    }
}
