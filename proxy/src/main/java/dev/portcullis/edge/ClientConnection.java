package dev.portcullis.edge;

import com.github.benmanes.caffeine.cache.Interner;
import dev.portcullis.http.ForwardedFor;
import dev.portcullis.identity.ClientCertificate;
import dev.portcullis.identity.ConnectionFacts;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client's connection itself says of it. On its event loop. */
final class ClientConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);
    private static final AttributeKey<@Nullable ClientCertificate> CERTIFICATE =
            AttributeKey.valueOf(ClientConnection.class, "certificate");

    /** All ask for the same one, as a rule, and each would keep its own. */
    private static final Interner<String> SERVER_NAMES = Interner.newWeakInterner();

    /** Asked for by a name that no host has: not ours. */
    private static final String NO_HOST = "";

    private static final AtomicBoolean STAND_IN_SAID = new AtomicBoolean();

    private final InetSocketAddress peer;
    private final @Nullable String serverName;
    private final ConnectionFacts facts;
    private @Nullable String remote;
    private @Nullable String forwardedFor;

    private ClientConnection(
            InetSocketAddress peer, @Nullable String serverName, ConnectionFacts facts) {
        this.peer = peer;
        this.serverName = serverName;
        this.facts = facts;
    }

    /** Of an accepted channel whose handshake is done, or of a stream on one. */
    static ClientConnection of(Channel channelOrStream) {
        var channel =
                channelOrStream instanceof Http2StreamChannel stream
                        ? stream.parent()
                        : channelOrStream;
        var address = ClientAddress.of(channel);
        var host = address.getAddress();
        if (ForwardedFor.isStandIn(host) && STAND_IN_SAID.compareAndSet(false, true)) {
            LOG.info(
                    "Clients on loopback go by a stand-in address towards the Gateway:"
                            + " 127.a.b.c is 192.0.2.c, ::1 is 192.0.2.1");
        }
        var handler = channel.pipeline().get(SslHandler.class);
        var tls = handler == null ? null : handler.engine();
        return new ClientConnection(
                address,
                tls == null ? null : serverName(tls.getSession()),
                new ConnectionFacts(host, tls == null ? null : certificate(channel, tls)));
    }

    /** The peer. */
    InetAddress address() {
        return peer.getAddress();
    }

    /** What its credentials are judged with. */
    ConnectionFacts facts() {
        return facts;
    }

    /** The peer with its port, for the audit (RFC 5952 §6). */
    String remote() {
        var text = remote;
        if (text == null) {
            text = NetUtil.toSocketAddressString(peer);
            remote = text;
        }
        return text;
    }

    /** The peer as the Gateway is told. */
    String forwardedFor() {
        var text = forwardedFor;
        if (text == null) {
            text = ForwardedFor.value(address());
            forwardedFor = text;
        }
        return text;
    }

    /** The name asked for in the TLS handshake (RFC 6066 §3), or null. */
    @Nullable String serverName() {
        return serverName;
    }

    /** Keeps nothing that it can say again: the connection may last for hours. */
    void letGo() {
        remote = null;
        forwardedFor = null;
    }

    /**
     * What the client presented, in this handshake or in the one whose session it resumed. One
     * object for the whole connection: it remembers how it was judged.
     */
    private static @Nullable ClientCertificate certificate(Channel wire, SSLEngine engine) {
        boolean asked = engine.getWantClientAuth() || engine.getNeedClientAuth();
        if (!asked) {
            return null; // To be told so by an exception costs as much as reading the request.
        }
        var known = wire.attr(CERTIFICATE).get();
        if (known != null) {
            return known;
        }
        var presented = certificate(engine.getSession());
        wire.attr(CERTIFICATE).set(presented);
        return presented;
    }

    private static @Nullable ClientCertificate certificate(SSLSession session) {
        try {
            var chain = new ArrayList<X509Certificate>();
            for (var certificate : session.getPeerCertificates()) {
                chain.add((X509Certificate) certificate); // TLS carries no others here.
            }
            return ClientCertificate.of(chain);
        } catch (SSLPeerUnverifiedException _) {
            return null;
        }
    }

    private static @Nullable String serverName(SSLSession session) {
        if (!(session instanceof ExtendedSSLSession extended)) {
            return null;
        }
        try {
            var names = extended.getRequestedServerNames();
            return !names.isEmpty() && names.getFirst() instanceof SNIHostName name
                    ? SERVER_NAMES.intern(name.getAsciiName())
                    : null;
        } catch (IllegalArgumentException notOfAHost) { // RFC 6066 §3 allows no trailing dot.
            return NO_HOST;
        }
    }
}
