package dev.portcullis.edge;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Whose connection it is: the peer's, or the one that a trusted balancer named. */
final class ClientAddress {
    private static final AttributeKey<InetSocketAddress> NAMED =
            AttributeKey.valueOf(ClientAddress.class, "named");

    private ClientAddress() {}

    /** A trusted balancer says who it is. */
    static void name(Channel connection, InetSocketAddress client) {
        connection.attr(NAMED).set(client);
    }

    /** Of a connection, or of one of its streams. */
    static InetSocketAddress of(Channel channel) {
        var named = channel.attr(NAMED).get();
        if (named == null && channel.parent() != null) {
            named = channel.parent().attr(NAMED).get();
        }
        if (named != null) {
            return named;
        }
        return channel.remoteAddress() instanceof InetSocketAddress peer
                ? peer
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
