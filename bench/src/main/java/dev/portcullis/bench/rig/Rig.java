package dev.portcullis.bench.rig;

import dev.portcullis.certs.DevelopmentCertificates;
import dev.portcullis.demo.DevelopmentTls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * What a run needs: one event loop for clients and Gateway, on a core of its own; certificates, an
 * identity provider, and a folder that goes when it ends.
 */
public final class Rig implements AutoCloseable {
    private final Path home;
    private final Path folder;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Backend backend = new Backend(loops);
    private final DevelopmentCertificates certificates;
    private final SSLContext trust;
    private final Issuer issuer = new Issuer();

    /**
     * @param home the checkout, with the jar built
     */
    public Rig(Path home) throws IOException {
        this.home = home;
        folder = Files.createTempDirectory("portcullis-bench");
        certificates =
                DevelopmentCertificates.create(
                        folder.resolve("certs"), List.of(Wire.HOST), Clock.systemUTC());
        trust = DevelopmentTls.client(certificates);
    }

    Path folder(String name) throws IOException {
        return Files.createTempDirectory(folder, name);
    }

    Path home() {
        return home;
    }

    /** Which core proxies run on; this process has the others. */
    int proxyCore() {
        return Integer.getInteger("bench.proxy-core", 0);
    }

    /** The loop of everything here. */
    public EventLoopGroup loops() {
        return loops;
    }

    /** What stands behind the proxies. */
    public Backend backend() {
        return backend;
    }

    /** The certificate of all of them. */
    public DevelopmentCertificates certificates() {
        return certificates;
    }

    SSLContext trust() {
        return trust;
    }

    /** Who signs people in. */
    public Issuer issuer() {
        return issuer;
    }

    /** A file with this text. */
    public Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Override
    public void close() {
        issuer.close();
        backend.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        try (var left = Files.walk(folder)) {
            left.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException stays) {
            System.err.println("not deleted: " + folder);
        }
    }
}
