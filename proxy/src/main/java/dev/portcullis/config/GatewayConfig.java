package dev.portcullis.config;

import java.net.InetSocketAddress;

/**
 * The one upstream.
 *
 * @param address a loopback literal and a port
 * @param userHeader the lower-case name of the header that carries the user; secret, because
 *     whoever knows it and reaches the port is anyone
 * @param basePath where the Control UI lives: {@code /}, or {@code /name} without a slash at the
 *     end
 */
public record GatewayConfig(InetSocketAddress address, Secret userHeader, String basePath) {}
