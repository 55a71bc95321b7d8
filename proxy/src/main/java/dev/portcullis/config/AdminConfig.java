package dev.portcullis.config;

import java.net.InetSocketAddress;

/**
 * The operators' listener.
 *
 * @param listen a loopback literal and a port: live, ready, metrics
 */
public record AdminConfig(InetSocketAddress listen) {}
