package dev.portcullis.admin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where commands talk to the running sidecar: a Unix domain socket for our own user and root alone,
 * one command a connection, a line of JSON each way and more lines where there is more to say. On
 * virtual threads.
 */
public final class ControlSocket implements AutoCloseable {
    /** Bytes of a path that fit into {@code sockaddr_un} (unix(7)), its end mark left out. */
    public static final int PATH_BYTES_MAX = 107;

    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);
    private static final int REQUEST_BYTES_MAX = 4096;
    private static final int CONNECTIONS_MAX = 16;
    private static final long SECONDS_MAX = 30;
    private static final long ACCEPT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path path;
    private final UserPrincipal owner;
    private final ServerSocketChannel listener;
    private final Map<String, Verb> verbs;
    private final Semaphore room = new Semaphore(CONNECTIONS_MAX);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("portcullis-control-", 0).factory());

    /** Does what one command is for. */
    @FunctionalInterface
    public interface Verb {
        /** May block; ends with {@link ControlAnswer#done} or {@link ControlAnswer#refused}. */
        void act(ControlRequest request, ControlAnswer answer) throws IOException;
    }

    private ControlSocket(
            Path path,
            UserPrincipal owner,
            ServerSocketChannel listener,
            Map<String, Verb> verbs,
            ScheduledExecutorService timer) {
        this.path = path;
        this.owner = owner;
        this.listener = listener;
        this.verbs = Map.copyOf(verbs);
        this.timer = timer;
    }

    /**
     * Binds and begins to listen; takes the place of a socket that nobody listens on any more.
     *
     * @param path in a folder of ours alone, which is made if it is missing
     * @param verbs by name
     * @param timer ends connections that take too long
     * @throws IOException if it cannot bind, or another sidecar listens there; names the path
     */
    public static ControlSocket open(
            Path path, Map<String, Verb> verbs, ScheduledExecutorService timer) throws IOException {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > PATH_BYTES_MAX) {
            throw new IOException(
                    "state.directory: no socket fits there: %s (expected: at most %d bytes)"
                            .formatted(path, PATH_BYTES_MAX));
        }
        makeFolder(path.toAbsolutePath().getParent());
        removeStale(path);
        var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(path), CONNECTIONS_MAX);
            // Between these two lines the folder's mode and the check of the peer stand alone.
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            var socket = new ControlSocket(path, Files.getOwner(path), listener, verbs, timer);
            socket.threads.execute(socket::listen);
            return socket;
        } catch (IOException failure) {
            listener.close();
            throw new IOException(path + ": " + failure.getMessage(), failure);
        }
    }

    private static void makeFolder(@Nullable Path folder) throws IOException {
        if (folder == null) {
            return; // The root is there.
        }
        var ours =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(folder, ours);
    }

    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (var _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new IOException(path + ": another sidecar runs with this state.directory");
        } catch (java.net.ConnectException nobody) {
            Files.delete(path); // A process that was killed leaves it behind.
        }
    }

    private void listen() {
        while (listener.isOpen()) {
            try {
                var connection = listener.accept();
                if (room.tryAcquire()) {
                    open.add(connection);
                    threads.execute(() -> serve(connection));
                } else {
                    connection.close();
                }
            } catch (IOException closedOrShort) {
                LOG.debug("the control socket is closed, or descriptors are short");
                LockSupport.parkNanos(ACCEPT_PAUSE_NANOS); // No busy loop until some are free.
            }
        }
    }

    private void serve(SocketChannel connection) {
        var late = timer.schedule(() -> cut(connection), SECONDS_MAX, TimeUnit.SECONDS);
        try (connection) {
            if (isOurs(connection)) {
                answer(connection, new ControlAnswer(Channels.newOutputStream(connection)));
            }
        } catch (IOException gone) {
            LOG.debug("a command left before its answer");
        } finally {
            late.cancel(false);
            open.remove(connection);
            room.release();
        }
    }

    /** Who may write to the socket is asked of the kernel, whatever the folder's mode. */
    private boolean isOurs(SocketChannel connection) throws IOException {
        var peer = connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        boolean ours = peer.equals(owner) || peer.getName().equals("root");
        if (!ours) {
            LOG.atWarn().addKeyValue("user", peer.getName()).log("a stranger's command is refused");
        }
        return ours;
    }

    private void answer(SocketChannel connection, ControlAnswer answer) throws IOException {
        var request = ControlRequest.parse(readLine(connection));
        var verb = request.map(found -> verbs.get(found.verb())).orElse(null);
        if (request.isEmpty() || verb == null) {
            answer.refused(List.of("found no command this sidecar knows (is it older?)"));
        } else {
            act(verb, request.get(), answer);
        }
    }

    private static void act(Verb verb, ControlRequest request, ControlAnswer answer)
            throws IOException {
        try {
            verb.act(request, answer);
        } catch (RuntimeException bug) {
            LOG.error("a command failed", bug);
            answer.refused(List.of("the sidecar failed at it; its log says how"));
        }
    }

    private static String readLine(SocketChannel connection) throws IOException {
        var bytes = ByteBuffer.allocate(REQUEST_BYTES_MAX);
        while (bytes.hasRemaining() && connection.read(bytes) >= 0) {
            if (bytes.position() > 0 && bytes.get(bytes.position() - 1) == '\n') {
                return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    private static void cut(SocketChannel connection) {
        try {
            connection.close();
        } catch (IOException gone) {
            LOG.debug("a command's connection was gone already");
        }
    }

    /** Stops listening, cuts what is under way, and takes the file away. */
    @Override
    public void close() throws IOException {
        listener.close();
        open.forEach(ControlSocket::cut);
        threads.shutdownNow();
        Files.deleteIfExists(path);
    }
}
