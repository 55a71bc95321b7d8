package dev.portcullis.config;

import java.net.InetSocketAddress;

/**
 * The operators' listener.
 *
 * @param listen a loopback literal and a port: live, ready, metrics
 */
public record AdminConfig(InetSocketAddress listen) {
    static AdminConfig parse(ConfigNode node) {
        var listen = node.value("listen", Address.loopbackListener(), "127.0.0.1:9180");
        node.notInThisRelease("metrics-listen");
        return new AdminConfig(listen);
    }
}
