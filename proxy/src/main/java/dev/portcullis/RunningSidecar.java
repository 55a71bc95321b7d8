package dev.portcullis;

import dev.portcullis.cli.Sidecar;
import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.FileStamp;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.runtime.Signals;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A {@link Portcullis} as the {@code run} command sees it: drained once, hurried from any thread.
 */
final class RunningSidecar implements Sidecar {
    private final Portcullis portcullis;
    private final String summary;

    private RunningSidecar(Portcullis portcullis, PortcullisConfig config) {
        this.portcullis = portcullis;
        this.summary =
                config.publicOrigin().origin()
                        + " on "
                        + NetUtil.toSocketAddressString(portcullis.address())
                        + ", before the Gateway on "
                        + NetUtil.toSocketAddressString(config.gateway().address())
                        + "; operators: http://"
                        + NetUtil.toSocketAddressString(portcullis.adminAddress())
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
            portcullis.drain();
        } finally {
            portcullis.close();
        }
    }

    @Override
    public void cut() {
        portcullis.hurry();
    }
}
