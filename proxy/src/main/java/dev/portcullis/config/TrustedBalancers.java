package dev.portcullis.config;

/** The balancers that may send PROXY protocol: nobody yet, and the file may say just that. */
final class TrustedBalancers {
    private static final Syntax<String> NONE =
            Syntax.text("left out: PROXY protocol is not in this release", _ -> false);

    private TrustedBalancers() {}

    static void parse(ConfigNode node) {
        node.values("trusted-balancers", NONE);
    }
}
