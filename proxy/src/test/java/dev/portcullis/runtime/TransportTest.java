package dev.portcullis.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TransportTest {
    @Test
    void acceptedConnection_hasTheBoundOfItsListener() throws Exception {
        var accepted = new CompletableFuture<Channel>();
        try (var transport = Transport.start(1)) {
            var listener =
                    new ServerBootstrap()
                            .group(transport.loops())
                            .channel(transport.serverChannelType())
                            .childHandler(
                                    new ChannelInitializer<>() {
                                        @Override
                                        protected void initChannel(Channel channel) {
                                            accepted.complete(channel);
                                        }
                                    });
            transport.boundSendBuffers(listener, 48 * 1024);
            var bound = listener.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            var address = (InetSocketAddress) bound.localAddress();
            try (var _ = new Socket(address.getAddress(), address.getPort())) {
                var channel = accepted.join();
                assertThat(channel.config().getOption(ChannelOption.SO_SNDBUF))
                        .isIn(48 * 1024, 96 * 1024); // Linux doubles it.
                assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
            }
        }
    }
}
