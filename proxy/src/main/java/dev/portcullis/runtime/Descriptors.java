package dev.portcullis.runtime;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files that this process may open, to be shared out before they run short. */
public final class Descriptors {
    private static final Logger LOG = LoggerFactory.getLogger(Descriptors.class);

    /** Connections of balancers that have not said who it is, and are no client's yet. */
    private static final int AWAITED_MAX = 1024;

    /** For what comes beside connections: logs, stores, probes, the identity provider. */
    private static final long SPARE = 48;

    /**
     * Open before the first connection came: a reload asks again while connections are open, and
     * those are what is shared out.
     */
    private static final long OPEN_AT_START = openNow();

    private Descriptors() {}

    private static long openNow() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os
                ? os.getOpenFileDescriptorCount()
                : 0;
    }

    private static long free(UnixOperatingSystemMXBean os) {
        return os.getMaxFileDescriptorCount() - OPEN_AT_START - SPARE;
    }

    /**
     * How many connections of balancers may wait for their header at once.
     *
     * @param wanted as configured for handshakes
     */
    public static int awaited(int wanted) {
        long max = AWAITED_MAX;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os) {
            max = Math.clamp(free(os) / 4, 1, AWAITED_MAX);
        }
        return Math.toIntExact(Math.min(wanted, max));
    }

    /**
     * How many client connections there may be so that each finds a connection to the Gateway.
     *
     * @param wanted as configured
     * @param gatewayWanted connections to the Gateway, as configured
     * @param awaited those of {@link #awaited}, or none
     */
    public static int clients(int wanted, int gatewayWanted, int awaited) {
        if (!(ManagementFactory.getOperatingSystemMXBean()
                instanceof UnixOperatingSystemMXBean os)) {
            return wanted;
        }
        long free = free(os) - awaited;
        if (free >= (long) wanted + gatewayWanted) {
            return wanted;
        }
        long gateway = Math.min(gatewayWanted, free / 2);
        int clients = Math.toIntExact(Math.clamp(free - gateway, 1, wanted));
        if (clients < wanted) {
            LOG.atWarn()
                    .addKeyValue("files", os.getMaxFileDescriptorCount())
                    .addKeyValue("connections", clients)
                    .log("Fewer files may be opened (ulimit -n) than limits.connections needs");
        }
        return clients;
    }
}
