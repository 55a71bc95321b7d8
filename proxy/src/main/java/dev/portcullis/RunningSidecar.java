package dev.portcullis;

import dev.portcullis.cli.Sidecar;
import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.FileStamp;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.runtime.Signals;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@link Portcullis} as the {@code run} command sees it: drained once, cut from any thread. */
final class RunningSidecar implements Sidecar {
    private final Portcullis portcullis;
    private final String summary;
    private @Nullable Thread draining;
    private boolean cut;

    private RunningSidecar(Portcullis portcullis, PortcullisConfig config) {
        this.portcullis = portcullis;
        this.summary =
                config.publicOrigin().origin()
                        + " on "
                        + spelled(portcullis.address())
                        + ", before the Gateway on "
                        + spelled(config.gateway().address())
                        + "; operators: http://"
                        + spelled(portcullis.adminAddress())
                        + "/ready";
    }

    static Sidecar start(
            PortcullisConfig config, ConfigFile.Origin origin, Map<Path, FileStamp> files)
            throws IOException {
        var portcullis = Portcullis.start(config, origin, files);
        Signals.onHangUp(() -> Thread.ofVirtual().start(portcullis::reload));
        return new RunningSidecar(portcullis, config);
    }

    @Override
    public String summary() {
        return summary;
    }

    @Override
    public void drain() {
        try {
            if (beginDraining()) {
                portcullis.drain();
                endDraining();
            }
        } finally {
            portcullis.close();
        }
    }

    @Override
    public synchronized void cut() {
        cut = true;
        if (draining != null) {
            draining.interrupt(); // The drain looks for it ten times a second.
        }
    }

    private synchronized boolean beginDraining() {
        draining = cut ? null : Thread.currentThread();
        return !cut;
    }

    private synchronized void endDraining() {
        draining = null;
        var _ = Thread.interrupted(); // Meant for the drain; closing must not be cut short.
    }

    private static String spelled(InetSocketAddress address) {
        var host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
