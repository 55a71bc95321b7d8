package dev.portcullis.bench.endings;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One identity and everything it has open. */
final class Member {
    static final int SOCKETS = 10;

    private final String user;
    private final String credentials;
    private final String sid;
    private final Clients.@Nullable Holder certificate;
    private final List<OpenSocket> sockets = new ArrayList<>();
    private long clockNanos;

    /**
     * @param credentials whole header lines
     * @param sid the provider's name of the session; empty for a token
     */
    Member(String user, String credentials, String sid) {
        this.user = user;
        this.credentials = credentials;
        this.sid = sid;
        this.certificate = null;
    }

    /** Who shows a certificate, and needs no more. */
    Member(String user, Clients.Holder certificate) {
        this.user = user;
        this.credentials = "";
        this.sid = "";
        this.certificate = certificate;
    }

    X509Certificate certificate() {
        return Objects.requireNonNull(certificate).certificate();
    }

    String user() {
        return user;
    }

    String cookie() {
        return credentials.substring("Cookie: ".length()).strip();
    }

    String sid() {
        return sid;
    }

    List<OpenSocket> sockets() {
        return sockets;
    }

    /** The identity is over as of that instant. */
    void clock(long nanos) {
        clockNanos = nanos;
    }

    long clockNanos() {
        return clockNanos;
    }

    /** Opens its sockets and waits for each. */
    void open(Stage stage, int number) throws Exception {
        var tls = certificate == null ? null : stage.tlsOf(certificate);
        var from = "127.0.3." + (1 + number % 50);
        for (int i = 0; i < SOCKETS; i++) {
            sockets.add(
                    tls == null
                            ? stage.open(credentials, from)
                            : stage.open(credentials, from, tls));
        }
        for (var socket : sockets) {
            socket.opened().get(60, TimeUnit.SECONDS);
        }
    }

    /** How many of its sockets have ended, or do not answer a ping until then. */
    int lost(long deadlineNanos) throws Exception {
        var pongs = sockets.stream().map(OpenSocket::ping).toList();
        int lost = 0;
        for (int i = 0; i < pongs.size(); i++) {
            try {
                pongs.get(i).get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException silent) {
                lost++;
                continue;
            }
            lost += sockets.get(i).ended().isDone() ? 1 : 0;
        }
        return lost;
    }
}
