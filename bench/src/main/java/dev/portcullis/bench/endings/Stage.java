package dev.portcullis.bench.endings;

import dev.portcullis.bench.rig.Wire;
import dev.portcullis.certs.DevelopmentCertificates;
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
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** The built product in a process of its own, a provider and a Gateway here, and clients of it. */
final class Stage implements AutoCloseable {
    private static final int CLIENTS = 50;
    private static final String COOKIE = "__Host-portcullis=";

    final People people = new People();
    final Path folder = Files.createTempDirectory("portcullis-endings");
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final Gateway gateway = new Gateway(loops);
    private final List<DevelopmentCertificates> certificates;
    final Clients clients = new Clients();
    private final SslContext tls;
    private final TrustManagerFactory trusted;
    private final SSLContext trust;
    private final List<HttpClient> browsers = new ArrayList<>();
    private final int port = freePort();
    private final Process process;
    private int next;

    /** A person signed in. */
    record SignedIn(String cookie, String sid) {}

    /**
     * @param home the checkout, with the jar built
     * @param configuration what is left open, for that provider: sign-in, allow-users, limits
     */
    Stage(Path home, Function<People, String> configuration)
            throws IOException, InterruptedException, GeneralSecurityException {
        certificates = List.of(newCertificates("one"), newCertificates("other"));
        certificate(0);
        trusted = trusted();
        Files.writeString(folder.resolve("clients.crt"), clients.pem());
        revoke(List.of());
        tls = SslContextBuilder.forClient().trustManager(trusted).build();
        trust = trusting();
        for (int i = 1; i <= CLIENTS; i++) {
            browsers.add(browser("127.0.2." + i));
        }
        configure(configuration.apply(people));
        var log = folder.resolve("log").toFile();
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
                                file().toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log)
                        .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        awaitPort();
    }

    private HttpClient browser(String from) throws IOException {
        return HttpClient.newBuilder()
                .sslContext(trust)
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.ofLiteral(from))
                .build();
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
                    throw new IOException("not up: " + Files.readString(folder.resolve("log")));
                }
            }
        }
    }

    private Path file() {
        return folder.resolve("portcullis.yaml");
    }

    /** The last lines of what the sidecar wrote, for whoever must find out why a run failed. */
    String lastWords() throws IOException {
        var lines = Files.readAllLines(folder.resolve("log"));
        var state = process.isAlive() ? "running" : "exit code " + process.exitValue();
        return "the sidecar ("
                + state
                + ") wrote last:\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
    }

    // --- what an operator does ---------------------------------------------------------------

    /** Puts another configuration in place by a rename; the instant of it. */
    long configure(String configuration) throws IOException {
        var text =
                """
                listen: 127.0.0.1:%d
                public-origin: https://%s
                tls:
                  certificate: tls.crt
                  key: tls.key
                  client-auth: optional
                  client-ca: clients.crt
                  crl: clients.crl
                  insecure-development-certificates: true
                client-certificates: { user: san-email }
                gateway:
                  address: 127.0.0.1:%d
                  user-header: x-sidecar-user-6f1d0c5a9be248376f1d0c5a9be24837
                tokens:
                  - { issuer: %s, audience: %s, insecure-http-issuer: true }
                rate-limits:
                  address: { rate: 10000/s, burst: 100000 }
                  user: { rate: 10000/s, burst: 100000 }
                state: { directory: state }
                audit: { directory: audit }
                admin: { listen: 127.0.0.1:0 }
                %s
                """
                        .formatted(
                                port,
                                Wire.HOST,
                                gateway.port(),
                                people.uri(),
                                People.AUDIENCE,
                                configuration);
        return rename(Files.writeString(folder.resolve("next.yaml"), text), "portcullis.yaml");
    }

    /** The sign-in block. */
    static String signIn(People people, String idle, String absolute) {
        return """
        sign-in:
          issuer: %s
          insecure-http-issuer: true
          client-id: %s
          client-secret: %s
          idle: %s
          absolute: %s
        """
                .formatted(people.uri(), People.CLIENT, People.SECRET, idle, absolute);
    }

    private DevelopmentCertificates newCertificates(String name) throws IOException {
        return DevelopmentCertificates.create(
                folder.resolve(name), List.of(Wire.HOST), Clock.systemUTC());
    }

    private TrustManagerFactory trusted() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (var one : certificates) {
            store.setCertificateEntry(one.directory().toString(), read(one.authority()));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private SSLContext trusting() throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(null, trusted.getTrustManagers(), null);
        return context;
    }

    private static Certificate read(Path file) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** Puts a certificate and its key in place, each by a rename. */
    void certificate(int which) throws IOException {
        var from = certificates.get(which);
        rename(Files.copy(from.server(), folder.resolve("next.crt")), "tls.crt");
        var key =
                Files.copy(
                        from.serverKey(),
                        folder.resolve("next.key"),
                        StandardCopyOption.COPY_ATTRIBUTES);
        rename(key, "tls.key");
    }

    /** Whether a new connection is shown that certificate. */
    boolean shows(int which) throws IOException, GeneralSecurityException {
        var fresh = trusting(); // One that resumes nothing: a ticket shows no certificate anew.
        try (var socket = (SSLSocket) fresh.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            var shown = socket.getSession().getPeerCertificates()[0];
            return shown.equals(read(certificates.get(which).server()));
        }
    }

    /** Puts a revocation list in place by a rename; the instant of it. */
    long revoke(List<X509Certificate> revoked) throws IOException, GeneralSecurityException {
        var list = Files.writeString(folder.resolve("next.crl"), clients.revocations(revoked));
        return rename(list, "clients.crl");
    }

    private long rename(Path next, String name) throws IOException {
        Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        return System.nanoTime();
    }

    /** One command over the control socket; the lines of its answer. */
    List<String> command(String request) throws IOException {
        var address = UnixDomainSocketAddress.of(folder.resolve("state/control.sock"));
        try (var channel = SocketChannel.open(address)) {
            channel.write(ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8)));
            var lines = Channels.newReader(channel, StandardCharsets.UTF_8);
            return new BufferedReader(lines).lines().toList();
        }
    }

    // --- what clients do ---------------------------------------------------------------------

    /**
     * Signs a person in as a browser does.
     *
     * @param expiresIn seconds until the provider's access token ends
     */
    SignedIn signIn(String user, int expiresIn) throws IOException, InterruptedException {
        var browser = browsers.get(next++ % CLIENTS);
        var begun = go(browser, navigation("/_portcullis/sign-in?return=%2F", ""));
        var location = begun.headers().firstValue("location").orElseThrow();
        var asked = People.parameters(location.substring(location.indexOf('?') + 1));
        var code = people.code(user, Objects.requireNonNull(asked.get("nonce")), expiresIn);
        var back =
                "/_portcullis/callback?code=%s&state=%s&iss=%s"
                        .formatted(code, asked.get("state"), people.uri());
        var done = go(browser, navigation(back, cookies(begun)));
        return done.headers().allValues("set-cookie").stream()
                .filter(cookie -> cookie.startsWith(COOKIE))
                .map(cookie -> new SignedIn(cookie.split(";", 2)[0], code))
                .findFirst()
                .orElseThrow(() -> new IOException("no session: " + done + done.body()));
    }

    /** Posts a form to a path of the door; the status. */
    int post(String path, String form, String... fields) throws IOException, InterruptedException {
        var request =
                request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return go(browsers.get(next++ % CLIENTS), request.build()).statusCode();
    }

    /** One GET; the status. */
    int get(String path, String cookie) throws IOException, InterruptedException {
        var browser = browsers.get(next++ % CLIENTS);
        return go(browser, request(path).header("Cookie", cookie).build()).statusCode();
    }

    private HttpRequest navigation(String path, String cookies) {
        var request =
                request(path)
                        .header("Accept", "text/html")
                        .header("Sec-Fetch-Mode", "navigate")
                        .header("Sec-Fetch-Dest", "document");
        return (cookies.isEmpty() ? request : request.header("Cookie", cookies)).build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .header("Host", Wire.HOST); // -Djdk.httpclient.allowRestrictedHeaders=host
    }

    private static HttpResponse<String> go(HttpClient browser, HttpRequest request)
            throws IOException, InterruptedException {
        return browser.send(request, BodyHandlers.ofString());
    }

    private static String cookies(HttpResponse<?> answer) {
        return String.join(
                "; ",
                answer.headers().allValues("set-cookie").stream()
                        .map(cookie -> cookie.split(";", 2)[0])
                        .toList());
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
        try (var left = Files.walk(folder)) {
            left.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }
}
