package dev.portcullis.config;

import java.time.Duration;

/**
 * Every bound on a resource, in one block. Keys are these names in kebab case.
 *
 * @param head bytes of a request head, and of what is written upstream; 1 KiB to 16 KiB, the
 *     Gateway's own bound
 * @param fields header fields of a request; 8 to 256
 * @param body bytes of a request body; 1 KiB to 1 TiB
 * @param headTime from the first byte of a request, or the end of the handshake, to the end of its
 *     head
 * @param bodyIdle longest pause inside a request body
 * @param answerTime from the end of a request to the Gateway's answer head, else 504
 * @param answerIdle longest pause inside an answer of the Gateway, or of a client that does not
 *     read it
 * @param keepAlive how long a client connection may wait for its next request
 * @param handshakeTime TLS handshake, start to end
 * @param connections client connections in all
 * @param connectionsPerAddress client connections of one address
 * @param socketsPerUser open WebSockets of one user
 * @param socketIdle silence in both directions after which a WebSocket is closed; above the
 *     Gateway's ping of 25 s and tick of 30 s
 * @param gatewayConnectTime connecting to the Gateway on loopback
 * @param gatewayConnections connections to the Gateway in all
 * @param sessions signed-in sessions in all
 * @param signIns sign-ins under way in all
 * @param signInTime how long one sign-in may take
 * @param auditQueue audit events waiting for the disk
 * @param providerTime one exchange with the identity provider
 * @param providerAnswer bytes of one answer of the identity provider
 * @param drainJitter over how long sockets are told to go at our own stop
 * @param drainGrace how long they have after that
 */
public record LimitsConfig(
        int head,
        int fields,
        long body,
        Duration headTime,
        Duration bodyIdle,
        Duration answerTime,
        Duration answerIdle,
        Duration keepAlive,
        Duration handshakeTime,
        int connections,
        int connectionsPerAddress,
        int socketsPerUser,
        Duration socketIdle,
        Duration gatewayConnectTime,
        int gatewayConnections,
        int sessions,
        int signIns,
        Duration signInTime,
        int auditQueue,
        Duration providerTime,
        int providerAnswer,
        Duration drainJitter,
        Duration drainGrace) {

    private static final int KIB = 1024;

    /** What holds where the file says nothing. */
    public static final LimitsConfig DEFAULTS =
            new LimitsConfig(
                    16 * KIB,
                    64,
                    128L * KIB * KIB,
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(120),
                    Duration.ofSeconds(120),
                    Duration.ofSeconds(75),
                    Duration.ofSeconds(10),
                    10_000,
                    1_000,
                    64,
                    Duration.ofSeconds(120),
                    Duration.ofSeconds(2),
                    1_024,
                    100_000,
                    10_000,
                    Duration.ofMinutes(10),
                    8_192,
                    Duration.ofSeconds(3),
                    1024 * KIB,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5));
}
