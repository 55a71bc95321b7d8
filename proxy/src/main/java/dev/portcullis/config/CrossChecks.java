package dev.portcullis.config;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What must hold between blocks. Each line is a configuration that would do other than it says. */
final class CrossChecks {
    private CrossChecks() {}

    static void check(PortcullisConfig config, ConfigNode root) {
        somebodyCanSignIn(config, root);
        addressesDiffer(config, root);
    }

    private static void somebodyCanSignIn(PortcullisConfig config, ConfigNode root) {
        if (!root.has("sign-in")
                && config.tokens().isEmpty()
                && config.clientCertificates() == null) {
            root.problem(
                    "sign-in",
                    "no sign-in, tokens or client-certificates",
                    "one of them: nobody could enter");
        }
    }

    private static void addressesDiffer(PortcullisConfig config, ConfigNode root) {
        var seen = new HashMap<InetSocketAddress, String>();
        seen.put(config.gateway().address(), "gateway.address");
        differs(root, "listen", config.listen(), seen);
        differs(root, "redirect-listen", config.redirectListen(), seen);
        differs(root, "admin", config.admin().listen(), seen);
    }

    private static void differs(
            ConfigNode root,
            String key,
            @Nullable InetSocketAddress address,
            Map<InetSocketAddress, String> seen) {
        if (address == null || address.getPort() == 0) {
            return;
        }
        var first = seen.putIfAbsent(address, key);
        if (first != null) {
            root.problem(key, "the same address as " + first, "an address of its own");
        }
    }
}
