package dev.portcullis;

import dev.portcullis.cli.Sidecar;
import dev.portcullis.config.PortcullisConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
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

    static Sidecar start(PortcullisConfig config) throws IOException {
        return new RunningSidecar(Portcullis.start(config), config);
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
