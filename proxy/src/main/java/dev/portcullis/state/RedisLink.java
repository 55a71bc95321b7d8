package dev.portcullis.state;

import dev.portcullis.config.RedisConfig;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's way to Redis: one connection for commands, one that listens. It begins whether
 * Redis is there or not, and comes back by itself. No call blocks; while Redis is away every call
 * fails at once, and one that is not answered in time fails then.
 */
public final class RedisLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
    private static final Duration RECONNECT = Duration.ofMillis(250);
    private static final long PACE_MILLIS = 250;
    private static final int REQUESTS_WAITING_MAX = 20_000;
    private static final int THREADS = 2;
    private static final double NANOS_PER_SECOND = 1e9;

    private final ClientResources resources;
    private final RedisClient client;
    private final RedisURI uri;
    private final Duration time;
    private final ScheduledExecutorService pace;
    private final CopyOnWriteArrayList<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private volatile @Nullable StatefulRedisConnection<String, byte[]> connection;
    private volatile @Nullable StatefulRedisPubSubConnection<String, String> listening;
    private volatile long downSinceNanos = System.nanoTime();
    private final LongAdder waiting = new LongAdder();
    private volatile double roundTripSeconds = Double.NaN;
    private volatile boolean up;
    private volatile boolean isListening;

    /** Who hears what on which channel. */
    private record Subscription(String channel, Consumer<String> heard, Runnable again) {}

    private RedisLink(RedisConfig config, Duration time) {
        this.time = time;
        this.resources =
                ClientResources.builder()
                        .ioThreadPoolSize(THREADS)
                        .computationThreadPoolSize(THREADS)
                        .reconnectDelay(Delay.constant(RECONNECT))
                        .build();
        this.uri = uri(config, time);
        this.client = RedisClient.create(resources, uri);
        client.setOptions(options(config, time));
        this.pace =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("portcullis-redis").daemon().factory());
        pace.scheduleWithFixedDelay(this::tick, 0, PACE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Begins.
     *
     * @param time how long Redis may take for an answer
     */
    public static RedisLink open(RedisConfig config, Duration time) {
        return new RedisLink(config, time);
    }

    /** Sends something; fails while Redis is away. */
    <T> CompletionStage<T> call(
            Function<RedisAsyncCommands<String, byte[]>, RedisFuture<T>> command) {
        var there = connection;
        if (there == null) {
            return CompletableFuture.failedStage(new RedisException("Redis was not reached yet"));
        }
        waiting.increment();
        try {
            return command.apply(there.async())
                    .whenComplete((answer, failure) -> waiting.decrement());
        } catch (RedisException rejected) {
            waiting.decrement();
            return CompletableFuture.failedStage(rejected);
        }
    }

    /**
     * Runs a script that answers with a number; fails while Redis is away.
     *
     * @param keys that it touches
     */
    CompletionStage<Long> run(String script, String[] keys, byte[]... arguments) {
        return call(redis -> redis.eval(script, ScriptOutputType.INTEGER, keys, arguments));
    }

    /** How many questions have no answer yet. */
    public long waiting() {
        return waiting.sum();
    }

    /** How long the last answer to a question of nothing took, in seconds; not a number if none. */
    public double roundTripSeconds() {
        return roundTripSeconds;
    }

    /**
     * The connection itself, for libraries that keep something of their own in Redis.
     *
     * @return null until Redis was reached for the first time
     */
    public @Nullable StatefulRedisConnection<String, byte[]> connection() {
        return connection;
    }

    /** Whether Redis answered last. */
    public boolean up() {
        return up;
    }

    /** Whether a subscription stood once; for tests that must not speak before. */
    boolean isListening() {
        return isListening;
    }

    /** For how long it has not answered; nothing while it does. */
    Duration downFor() {
        return up ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - downSinceNanos);
    }

    /**
     * Listens to a channel, whenever Redis is there.
     *
     * @param heard gets each message, on a thread of ours
     * @param again called whenever listening begins anew: what was said meanwhile is lost
     */
    void listen(String channel, Consumer<String> heard, Runnable again) {
        var subscription = new Subscription(channel, heard, again);
        subscriptions.add(subscription);
        var there = listening;
        if (there != null) {
            subscribe(there, subscription);
        }
    }

    private void tick() {
        try {
            if (connection == null) {
                connect();
            }
            var there = connection;
            if (there != null) {
                long begin = System.nanoTime();
                there.async().ping().get(time.toMillis(), TimeUnit.MILLISECONDS);
                roundTripSeconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
                reached();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException failure) {
            roundTripSeconds = Double.NaN;
            lost(failure);
        }
    }

    private void connect() throws InterruptedException, ExecutionException, TimeoutException {
        var codec = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
        long wait = 2 * time.toMillis();
        var commands =
                client.connectAsync(codec, uri)
                        .toCompletableFuture()
                        .get(wait, TimeUnit.MILLISECONDS);
        var ears =
                client.connectPubSubAsync(StringCodec.UTF8, uri)
                        .toCompletableFuture()
                        .get(wait, TimeUnit.MILLISECONDS);
        ears.addListener(new Ears());
        listening = ears;
        connection = commands;
        subscriptions.forEach(subscription -> subscribe(ears, subscription));
    }

    private static void subscribe(
            StatefulRedisPubSubConnection<String, String> ears, Subscription subscription) {
        var _ = ears.async().subscribe(subscription.channel);
    }

    private void reached() {
        if (!up) {
            up = true;
            LOG.info("Redis answers");
        }
    }

    private void lost(Exception failure) {
        if (up || LOG.isDebugEnabled()) {
            LOG.atWarn()
                    .addKeyValue("why", failure.toString())
                    .log("Redis does not answer: nobody new is let in");
        }
        if (up) {
            downSinceNanos = System.nanoTime();
            up = false;
        }
    }

    /** Passes on what is heard. */
    private final class Ears extends RedisPubSubAdapter<String, String> {
        @Override
        public void message(String channel, String message) {
            for (var subscription : subscriptions) {
                if (subscription.channel.equals(channel)) {
                    subscription.heard.accept(message);
                }
            }
        }

        @Override
        public void subscribed(String channel, long count) {
            isListening = true;
            for (var subscription : subscriptions) {
                if (subscription.channel.equals(channel)) {
                    subscription.again.run();
                }
            }
        }
    }

    private static RedisURI uri(RedisConfig config, Duration time) {
        var uri =
                RedisURI.builder()
                        .withHost(config.host())
                        .withPort(config.port())
                        .withDatabase(config.database())
                        .withSsl(config.tls())
                        .withVerifyPeer(SslVerifyMode.FULL)
                        .withClientName("portcullis")
                        .withTimeout(time);
        var password = config.password();
        if (password != null) {
            uri.withPassword(password.expose().toCharArray());
        }
        return uri.build();
    }

    private static ClientOptions options(RedisConfig config, Duration time) {
        var ssl = SslOptions.builder().jdkSslProvider().protocols("TLSv1.3", "TLSv1.2");
        var ca = config.ca();
        if (ca != null) {
            ssl.trustManager(ca.toFile());
        }
        return ClientOptions.builder()
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(REQUESTS_WAITING_MAX)
                .timeoutOptions(TimeoutOptions.enabled(time))
                .socketOptions(SocketOptions.builder().connectTimeout(time).build())
                .sslOptions(ssl.build())
                .build();
    }

    @Override
    public void close() {
        pace.shutdownNow();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        resources.shutdown(0, 1, TimeUnit.SECONDS);
    }
}
