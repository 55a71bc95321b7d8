package dev.portcullis.bench.endings;

import dev.portcullis.bench.rig.Wire;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** The built product in a process of its own, a provider and a Gateway here, and clients of it. */
final class Stage implements AutoCloseable {
    final People people = new People();
    final SidecarFiles files;
    final Browsers browsers;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final Gateway gateway = new Gateway(loops);
    private final SslContext tls;
    private final TrustManagerFactory trusted;
    private final int port = freePort();
    private final Process process;

    /**
     * @param home the checkout, with the jar built
     * @param configuration what is left open, for that provider: sign-in, allow-users, limits
     */
    Stage(Path home, Function<People, String> configuration)
            throws IOException, InterruptedException, GeneralSecurityException {
        files = new SidecarFiles(port, gateway.port(), people);
        trusted = files.trusted();
        tls = SslContextBuilder.forClient().trustManager(trusted).build();
        browsers = new Browsers(port, people, trusting());
        files.configure(configuration.apply(people));
        process =
                new ProcessBuilder(
                                "taskset",
                                "-c",
                                "0",
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "@" + home.resolve("config/jvm.options"),
                                "-jar",
                                home.resolve("proxy/target/portcullis-all.jar").toString(),
                                "run",
                                "--config",
                                files.configuration().toString())
                        .redirectErrorStream(true)
                        .redirectOutput(files.log().toFile())
                        .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        awaitPort();
    }

    private void awaitPort() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 500);
                return;
            } catch (IOException notYet) {
                if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
                    throw new IOException("not up: " + Files.readString(files.log()));
                }
            }
        }
    }

    /** The last lines of what the sidecar wrote, for whoever must find out why a run failed. */
    String lastWords() throws IOException {
        var lines = Files.readAllLines(files.log());
        var state = process.isAlive() ? "running" : "exit code " + process.exitValue();
        return "the sidecar ("
                + state
                + ") wrote last:\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
    }

    /** Whether a new connection is shown that certificate. */
    boolean shows(int which) throws IOException, GeneralSecurityException {
        var fresh = trusting(); // One that resumes nothing: a ticket shows no certificate anew.
        try (var socket = (SSLSocket) fresh.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            var shown = socket.getSession().getPeerCertificates()[0];
            return shown.equals(files.certificateOf(which));
        }
    }

    private SSLContext trusting() throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(null, trusted.getTrustManagers(), null);
        return context;
    }

    /** One command over the control socket; the lines of its answer. */
    List<String> command(String request) throws IOException {
        var address = UnixDomainSocketAddress.of(files.folder.resolve("state/control.sock"));
        try (var channel = SocketChannel.open(address)) {
            channel.write(ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8)));
            var lines = Channels.newReader(channel, StandardCharsets.UTF_8);
            return new BufferedReader(lines).lines().toList();
        }
    }

    /**
     * Begins to open a socket.
     *
     * @param from where it comes from, on loopback
     */
    OpenSocket open(String credentials, String from) {
        return open(credentials, from, tls);
    }

    /** How whoever holds that certificate shakes hands. */
    SslContext tlsOf(Clients.Holder holder) throws IOException {
        return SslContextBuilder.forClient()
                .trustManager(trusted)
                .keyManager(holder.keys().getPrivate(), holder.certificate())
                .build();
    }

    OpenSocket open(String credentials, String from, SslContext as) {
        var socket = new OpenSocket(credentials);
        new Bootstrap()
                .group(loops)
                .channel(EpollSocketChannel.class)
                .localAddress(from, 0)
                .remoteAddress("127.0.0.1", port)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(handshake(as, port, channel))
                                        .addLast(socket);
                            }
                        })
                .connect()
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        socket.opened().completeExceptionally(connected.cause());
                    }
                });
        return socket;
    }

    private static SslHandler handshake(SslContext as, int port, Channel channel) {
        var handler = as.newHandler(channel.alloc(), Wire.HOST, port);
        handler.setHandshakeTimeoutMillis(60_000);
        return handler;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        gateway.close();
        people.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        files.delete();
    }
}
