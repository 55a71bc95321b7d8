package dev.portcullis.fuzz;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Another parser's opinion: a real server that answers each request with the hash of how it read
 * it. One process and one connection; every request travels over that one connection.
 */
final class Judge implements AutoCloseable {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int START_TRIES = 200;

    /** Counted one by one, so that a machine that stands still is no silence of theirs. */
    private static final int SILENT_SECONDS_MAX = 20;

    private final String name;
    private final Process process;
    private final int port;
    private Socket connection;
    private InputStream in;

    private Judge(String name, Process process, int port) throws IOException {
        this.name = name;
        this.process = process;
        this.port = port;
        this.connection = connect();
        this.in = new BufferedInputStream(connection.getInputStream(), 64 * 1024);
    }

    /** Node's own parser, llhttp. It also collects what the two below forward. */
    static Judge node(Path folder) throws IOException {
        int port = freePort();
        var script = copy("collector.js", folder, port, 0);
        return start(
                "node", List.of("node", script.toString(), String.valueOf(port)), folder, port);
    }

    /** nginx, with Node behind it. */
    static Judge nginx(Path folder, Judge collector) throws IOException {
        int port = freePort();
        var file = copy("nginx.conf", folder, port, collector.port);
        var command = List.of("nginx", "-c", file.toString(), "-p", folder.toString());
        return start("nginx", command, folder, port);
    }

    /** HAProxy, with Node behind it. */
    static Judge haproxy(Path folder, Judge collector) throws IOException {
        int port = freePort();
        var file = copy("haproxy.cfg", folder, port, collector.port);
        return start("haproxy", List.of("haproxy", "-db", "-f", file.toString()), folder, port);
    }

    private static Judge start(String name, List<String> command, Path folder, int port)
            throws IOException {
        var process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(name + ".log").toFile())
                        .start();
        try {
            return new Judge(name, process, port);
        } catch (IOException failure) {
            process.destroy();
            throw failure;
        }
    }

    String name() {
        return name;
    }

    /**
     * Sends requests one behind the other.
     *
     * @return the hash of its reading for each, in order; fewer if it closed the connection or
     *     answered otherwise, and then the last says what
     */
    List<String> readings(List<byte[]> requests) throws IOException, InterruptedException {
        var writer =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                for (var request : requests) {
                                    connection.getOutputStream().write(request);
                                }
                            } catch (IOException closed) {
                                // The reader finds out, and says so.
                            }
                        });
        var readings = new ArrayList<String>();
        for (int i = 0; i < requests.size(); i++) {
            var reading = answer();
            readings.add(reading);
            if (reading.length() != 64) {
                break;
            }
        }
        if (readings.size() < requests.size() || in.available() > 0) {
            reconnect();
        }
        writer.join();
        return readings;
    }

    private int next() throws IOException {
        for (int silent = 1; ; silent++) {
            try {
                return in.read();
            } catch (SocketTimeoutException second) {
                if (silent == SILENT_SECONDS_MAX) {
                    throw second;
                }
            }
        }
    }

    /** The hash in one answer, or what came instead. */
    private String answer() throws IOException {
        var head = new StringBuilder();
        try {
            while (head.indexOf("\r\n\r\n") < 0) {
                int octet = next();
                if (octet < 0) {
                    return "closed the connection after: " + head;
                }
                head.append((char) octet);
            }
        } catch (SocketTimeoutException silence) {
            return "no answer in time";
        }
        var text = head.toString();
        int at = text.toLowerCase(Locale.ROOT).indexOf("\r\nx-read: ");
        return text.startsWith("HTTP/1.1 200 ") && at >= 0
                ? text.substring(at + 10, at + 74)
                : "answered: " + text;
    }

    /** What the collector read last, as text; for a person. */
    String last() throws IOException {
        try (var socket = new Socket(LOOPBACK, port)) {
            socket.getOutputStream()
                    .write(
                            "GET /__last__ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            var all =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            return all.substring(all.indexOf("\r\n\r\n") + 4);
        }
    }

    private void reconnect() throws IOException {
        connection.close();
        connection = connect();
        in = new BufferedInputStream(connection.getInputStream(), 64 * 1024);
    }

    private Socket connect() throws IOException {
        for (int tries = 0; ; tries++) {
            try {
                var socket = new Socket(LOOPBACK, port);
                socket.setSoTimeout(1000);
                socket.setTcpNoDelay(true);
                return socket;
            } catch (IOException notYet) {
                if (tries == START_TRIES || !process.isAlive()) {
                    throw new IOException(name + " does not listen on " + port, notYet);
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static int freePort() throws IOException {
        try (var probe = new ServerSocket(0, 1, LOOPBACK)) {
            return probe.getLocalPort();
        }
    }

    private static Path copy(String file, Path folder, int port, int collector) throws IOException {
        var name = "/differential/" + file;
        try (var in = Objects.requireNonNull(Judge.class.getResourceAsStream(name), name)) {
            var text =
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .replace("FOLDER", folder.toString())
                            .replace("PORT", String.valueOf(port))
                            .replace("COLLECTOR", String.valueOf(collector));
            return Files.writeString(folder.resolve(file), text);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (IOException ignored) {
            // It goes with its process.
        }
        process.destroy();
        try {
            if (!process.waitFor(5, java.util.concurrent.TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
