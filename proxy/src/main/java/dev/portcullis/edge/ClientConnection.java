package dev.portcullis.edge;

import dev.portcullis.http.ForwardedFor;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client's connection itself says of it.
 *
 * @param address the peer
 * @param remote the peer with its port, for the audit
 * @param forwardedFor the peer as the Gateway is told
 * @param serverName the name asked for in the TLS handshake (RFC 6066 §3), or null
 */
record ClientConnection(
        InetAddress address, String remote, String forwardedFor, @Nullable String serverName) {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);
    private static final AtomicBoolean STAND_IN_SAID = new AtomicBoolean();

    /** Of an accepted channel whose handshake is done. */
    static ClientConnection of(Channel channel) {
        var address =
                channel.remoteAddress() instanceof InetSocketAddress ip
                        ? ip
                        : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var host = address.getAddress();
        if (ForwardedFor.isStandIn(host) && STAND_IN_SAID.compareAndSet(false, true)) {
            LOG.info(
                    "Clients on loopback go by a stand-in address towards the Gateway:"
                            + " 127.a.b.c is 192.0.2.c, ::1 is 192.0.2.1");
        }
        return new ClientConnection(
                host,
                host.getHostAddress() + ":" + address.getPort(),
                ForwardedFor.value(host),
                serverName(channel));
    }

    private static @Nullable String serverName(Channel channel) {
        var tls = channel.pipeline().get(SslHandler.class);
        if (tls == null || !(tls.engine().getSession() instanceof ExtendedSSLSession session)) {
            return null;
        }
        List<SNIServerName> names = session.getRequestedServerNames();
        return names.isEmpty() || !(names.getFirst() instanceof SNIHostName name)
                ? null
                : name.getAsciiName();
    }
}
