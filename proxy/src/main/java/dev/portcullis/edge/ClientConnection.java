package dev.portcullis.edge;

import dev.portcullis.http.ForwardedFor;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.jspecify.annotations.Nullable;

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

    /** Of an accepted channel whose handshake is done. */
    static ClientConnection of(Channel channel) {
        var address =
                channel.remoteAddress() instanceof InetSocketAddress ip
                        ? ip
                        : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var host = address.getAddress();
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
