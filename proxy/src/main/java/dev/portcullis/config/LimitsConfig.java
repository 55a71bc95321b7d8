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
 * @param bodyRate bytes a second with which a request body, or a WebSocket frame of a client, must
 *     come on average once {@code bodyIdle} has gone by; 1 B to 1 MiB
 * @param answerTime from the end of a request to the Gateway's answer head, else 504
 * @param answerIdle longest pause inside an answer of the Gateway, or of a client that does not
 *     read it
 * @param keepAlive how long a client connection may wait for its next request
 * @param handshakeTime TLS handshake, start to end
 * @param clientHello bytes that a client may send before TLS answers it
 * @param handshakes TLS handshakes under way in all; beyond it the oldest is ended
 * @param unprovenTime how long a connection may go without one request that was allowed
 * @param connections client connections in all
 * @param connectionsPerAddress client connections of one address
 * @param http2Streams requests at once on one HTTP/2 connection
 * @param http2Window bytes that one HTTP/2 stream may send before they are asked for
 * @param http2ConnectionWindow bytes that all streams of one HTTP/2 connection may send before they
 *     are asked for; more than one stream's, or one that nobody reads holds up the others
 * @param http2Resets streams of one HTTP/2 connection that may end in a reset in 30 seconds
 * @param http2ControlFrames frames without a request or a body, such as PING, SETTINGS or an empty
 *     DATA, that one HTTP/2 connection may send at once; a tenth is forgiven with each second
 * @param requestsPerUser requests of one user that are under way at once, WebSockets not counted
 * @param socketsPerUser open WebSockets of one user
 * @param socketIdle silence of one side of a WebSocket after which it is pinged; above the
 *     Gateway's ping of 25 s and tick of 30 s
 * @param socketPongTime how long that side has to answer before the WebSocket is closed
 * @param socketBuffer bytes that the kernel may hold of one connection in each direction, before
 *     the writer on the other side is stopped; the kernel rounds, and caps it at its own maximum
 * @param memory percent of the heap, and of what Netty may hold outside it, above which new
 *     connections and requests are turned away
 * @param gatewayConnectTime connecting to the Gateway on loopback
 * @param gatewayConnections connections to the Gateway in all
 * @param sessions signed-in sessions in all
 * @param signIns sign-ins under way in all
 * @param signInTime how long one sign-in may take
 * @param rememberedIds ids of one kind that are remembered so that none is used twice: of logout
 *     tokens, of proofs; beyond it none is taken
 * @param storeTime one exchange with Redis
 * @param storeGrace for how long known sessions are let in while Redis does not answer
 * @param auditQueue audit events waiting for the disk
 * @param providerTime one exchange with the identity provider
 * @param providerAnswer bytes of one answer of the identity provider
 * @param refreshGrace how long a session goes on after the provider's word for it ended, while the
 *     provider cannot be asked
 * @param drainJitter over how long sockets are told to go at our own stop
 * @param drainGrace how long they have after that
 */
public record LimitsConfig(
        int head,
        int fields,
        long body,
        Duration headTime,
        Duration bodyIdle,
        int bodyRate,
        Duration answerTime,
        Duration answerIdle,
        Duration keepAlive,
        Duration handshakeTime,
        int clientHello,
        int handshakes,
        Duration unprovenTime,
        int connections,
        int connectionsPerAddress,
        int http2Streams,
        int http2Window,
        int http2ConnectionWindow,
        int http2Resets,
        int http2ControlFrames,
        int requestsPerUser,
        int socketsPerUser,
        Duration socketIdle,
        Duration socketPongTime,
        int socketBuffer,
        int memory,
        Duration gatewayConnectTime,
        int gatewayConnections,
        int sessions,
        int signIns,
        Duration signInTime,
        int rememberedIds,
        Duration storeTime,
        Duration storeGrace,
        int auditQueue,
        Duration providerTime,
        int providerAnswer,
        Duration refreshGrace,
        Duration drainJitter,
        Duration drainGrace) {

    private static final int COUNT_MAX = 1_000_000;

    /** What holds where the file says nothing. */
    public static final LimitsConfig DEFAULTS = ConfigNode.defaults("limits", LimitsConfig::parse);

    static LimitsConfig parse(ConfigNode node) {
        var limits = read(node);
        if (limits.http2ConnectionWindow() < 2L * limits.http2Window()) {
            node.problem(
                    "http2-connection-window",
                    limits.http2ConnectionWindow() + " B",
                    "at least twice http2-window: one stream must not take it all");
        }
        return limits;
    }

    private static LimitsConfig read(ConfigNode node) {
        return new LimitsConfig(
                Math.toIntExact(node.value("head", Syntax.size("1KiB", "16KiB"), "16KiB")),
                node.value("fields", Syntax.number(8, 256), "64"),
                node.value("body", Syntax.size("1KiB", "1TiB"), "128MiB"),
                node.value("head-time", Syntax.duration("100ms", "5m"), "15s"),
                node.value("body-idle", Syntax.duration("100ms", "1h"), "30s"),
                Math.toIntExact(node.value("body-rate", Syntax.size("1B", "1MiB"), "512B")),
                node.value("answer-time", Syntax.duration("100ms", "1h"), "120s"),
                node.value("answer-idle", Syntax.duration("100ms", "1h"), "120s"),
                node.value("keep-alive", Syntax.duration("100ms", "1h"), "75s"),
                node.value("handshake-time", Syntax.duration("100ms", "1m"), "10s"),
                Math.toIntExact(node.value("client-hello", Syntax.size("1KiB", "64KiB"), "16KiB")),
                node.value("handshakes", Syntax.number(1, COUNT_MAX), "4096"),
                node.value("unproven-time", Syntax.duration("100ms", "1h"), "60s"),
                node.value("connections", Syntax.number(1, COUNT_MAX), "10000"),
                node.value("connections-per-address", Syntax.number(1, COUNT_MAX), "1000"),
                node.value("http2-streams", Syntax.number(1, 1000), "100"),
                Math.toIntExact(node.value("http2-window", Syntax.size("16KiB", "1MiB"), "64KiB")),
                Math.toIntExact(
                        node.value(
                                "http2-connection-window", Syntax.size("128KiB", "64MiB"), "1MiB")),
                node.value("http2-resets", Syntax.number(1, 100_000), "200"),
                node.value("http2-control-frames", Syntax.number(10, 100_000), "1000"),
                node.value("requests-per-user", Syntax.number(1, COUNT_MAX), "256"),
                node.value("sockets-per-user", Syntax.number(1, 10_000), "64"),
                node.value("socket-idle", Syntax.duration("100ms", "1h"), "60s"),
                node.value("socket-pong-time", Syntax.duration("100ms", "1h"), "20s"),
                Math.toIntExact(
                        node.value("socket-buffer", Syntax.size("16KiB", "32MiB"), "256KiB")),
                node.value("memory", Syntax.percent(10, 100), "85%"),
                node.value("gateway-connect-time", Syntax.duration("10ms", "1m"), "2s"),
                node.value("gateway-connections", Syntax.number(1, COUNT_MAX), "1024"),
                node.value("sessions", Syntax.number(1, 10_000_000), "100000"),
                node.value("sign-ins", Syntax.number(1, COUNT_MAX), "10000"),
                node.value("sign-in-time", Syntax.duration("1s", "1h"), "10m"),
                node.value("remembered-ids", Syntax.number(100, 10_000_000), "100000"),
                node.value("store-time", Syntax.duration("10ms", "10s"), "1s"),
                node.value("store-grace", Syntax.duration("0s", "1h"), "60s"),
                node.value("audit-queue", Syntax.number(1, COUNT_MAX), "8192"),
                node.value("provider-time", Syntax.duration("100ms", "1m"), "3s"),
                Math.toIntExact(
                        node.value("provider-answer", Syntax.size("1KiB", "16MiB"), "1MiB")),
                node.value("refresh-grace", Syntax.duration("0s", "24h"), "1h"),
                node.value("drain-jitter", Syntax.duration("0s", "10m"), "10s"),
                node.value("drain-grace", Syntax.duration("0s", "10m"), "5s"));
    }
}
