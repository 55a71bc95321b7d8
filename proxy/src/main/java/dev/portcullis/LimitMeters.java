package dev.portcullis;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import java.time.Duration;

/** Publishes the configured value of every limit, next to the count of how often it was reached. */
final class LimitMeters {
    private static final double MILLIS_PER_SECOND = 1000;

    private LimitMeters() {}

    static void publish(PortcullisConfig config, Meters meters) {
        for (var limit : Limit.values()) {
            meters.limit(limit, value(limit, config.limits(), config.rateLimits()));
        }
    }

    private static double value(Limit limit, LimitsConfig limits, RateLimitsConfig rates) {
        return switch (limit) {
            case HEAD -> limits.head();
            case FIELDS -> limits.fields();
            case BODY -> (double) limits.body();
            case HEAD_TIME -> seconds(limits.headTime());
            case BODY_IDLE -> seconds(limits.bodyIdle());
            case BODY_RATE -> limits.bodyRate();
            case ANSWER_TIME -> seconds(limits.answerTime());
            case ANSWER_IDLE -> seconds(limits.answerIdle());
            case KEEP_ALIVE -> seconds(limits.keepAlive());
            case HANDSHAKE_TIME -> seconds(limits.handshakeTime());
            case CLIENT_HELLO -> limits.clientHello();
            case HANDSHAKES -> limits.handshakes();
            case UNPROVEN_TIME -> seconds(limits.unprovenTime());
            case CONNECTIONS -> limits.connections();
            case CONNECTIONS_PER_ADDRESS -> limits.connectionsPerAddress();
            case HTTP2_STREAMS -> limits.http2Streams();
            case HTTP2_WINDOW -> limits.http2Window();
            case HTTP2_CONNECTION_WINDOW -> limits.http2ConnectionWindow();
            case HTTP2_RESETS -> limits.http2Resets();
            case HTTP2_CONTROL_FRAMES -> limits.http2ControlFrames();
            case REQUESTS_PER_USER -> limits.requestsPerUser();
            case SOCKETS_PER_USER -> limits.socketsPerUser();
            case SOCKET_IDLE -> seconds(limits.socketIdle());
            case SOCKET_PONG_TIME -> seconds(limits.socketPongTime());
            case SOCKET_BUFFER -> limits.socketBuffer();
            case MEMORY -> limits.memory();
            case GATEWAY_CONNECT_TIME -> seconds(limits.gatewayConnectTime());
            case GATEWAY_CONNECTIONS -> limits.gatewayConnections();
            case SESSIONS -> limits.sessions();
            case SIGN_INS -> limits.signIns();
            case SIGN_IN_TIME -> seconds(limits.signInTime());
            case REMEMBERED_IDS -> limits.rememberedIds();
            case STORE_TIME -> seconds(limits.storeTime());
            case STORE_GRACE -> seconds(limits.storeGrace());
            case AUDIT_QUEUE -> limits.auditQueue();
            case PROVIDER_TIME -> seconds(limits.providerTime());
            case PROVIDER_ANSWER -> limits.providerAnswer();
            case REFRESH_GRACE -> seconds(limits.refreshGrace());
            case DRAIN_JITTER -> seconds(limits.drainJitter());
            case DRAIN_GRACE -> seconds(limits.drainGrace());
            case RATE_ADDRESS -> rates.address().ratePerSecond();
            case RATE_ADDRESS_BURST -> rates.address().burst();
            case RATE_USER -> rates.user().ratePerSecond();
            case RATE_USER_BURST -> rates.user().burst();
            case RATE_SIGN_IN -> rates.signIn().ratePerSecond();
            case RATE_SIGN_IN_BURST -> rates.signIn().burst();
            case RATE_TOKENS -> rates.tokens().failures();
            case RATE_MESSAGES -> rates.messages().ratePerSecond();
            case RATE_MESSAGES_BURST -> rates.messages().burst();
            case RATE_BYTES -> (double) rates.bytes().bytesPerSecond();
            case RATE_BYTES_BURST -> (double) rates.bytes().burst();
        };
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / MILLIS_PER_SECOND;
    }
}
